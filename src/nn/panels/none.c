/* float64 has no panels: the loop in layers/recurrent.c is all there is. */
#include "nn/panels/panels.h"

#include "base/status.h"

const weir_panel_kernels *weir_panels_kernels(void)
{
    return NULL;
}

const weir_panel_kernels *weir_panels_widest(void)
{
    return NULL;
}

weir_status weir_panels_forward(const weir_node *node, weir_pass *pass,
                                const weir_recurrent_tape *tape, size_t index,
                                const weir_cell *cell)
{
    (void)node, (void)pass, (void)tape, (void)index, (void)cell;
    return WEIR_USAGE; /* nobody comes here without kernels */
}

weir_status weir_panels_backward(const weir_node *node, weir_pass *pass,
                                 const weir_recurrent_tape *tape, size_t index,
                                 const weir_panels_way_back *way)
{
    (void)node, (void)pass, (void)tape, (void)index, (void)way;
    return WEIR_USAGE;
}

void weir_panel_gate_rows(const weir_recurrent_tape *tape, const weir_line *line,
                          const weir_cell *cell, size_t gate, real *rows)
{
    (void)tape, (void)line, (void)cell, (void)gate, (void)rows;
}
