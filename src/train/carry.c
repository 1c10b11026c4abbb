#include "train/carry.h"

#include "base/memory.h"
#include "tensor/vec.h"

weir_status weir_carry_open(weir_carry *c, size_t nodes)
{
    c->nodes = nodes;
    c->state = weir_calloc(nodes * WEIR_MAX_STATES, sizeof *c->state);
    c->size = weir_calloc(nodes * WEIR_MAX_STATES, sizeof *c->size);
    return c->state && c->size ? WEIR_OK : WEIR_MEMORY;
}

void weir_carry_close(weir_carry *c)
{
    for (size_t i = 0; c->state && i < c->nodes * WEIR_MAX_STATES; i++) weir_free(c->state[i]);
    weir_free(c->state);
    weir_free(c->size);
}

void weir_carry_in(const weir_carry *c, weir_pass *pass, bool continues)
{
    for (size_t i = 0; i < c->nodes; i++)
        for (size_t s = 0; s < WEIR_MAX_STATES; s++)
            pass->tape[i].states.initial[s] = continues ? c->state[i * WEIR_MAX_STATES + s] : NULL;
}

weir_status weir_carry_out(weir_carry *c, const weir_pass *pass)
{
    for (size_t i = 0; i < c->nodes; i++)
        for (size_t s = 0; s < pass->model->nodes[i].kind->states; s++) {
            const weir_states *states = &pass->tape[i].states;
            size_t k = i * WEIR_MAX_STATES + s;
            if (c->size[k] != states->count) { /* the first time, or another batch size */
                weir_free(c->state[k]);
                c->state[k] = weir_malloc(states->count * sizeof(real));
                c->size[k] = c->state[k] ? states->count : 0;
                if (!c->state[k]) return WEIR_MEMORY;
            }
            weir_vec_copy(states->count, states->final[s], c->state[k]);
        }
    return WEIR_OK;
}
