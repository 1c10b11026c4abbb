/* A proof of an earlier round, while a longer one has taken it up again. */
#include "doctor/visit.h"

#include <string.h>

void weir_proof_set_aside(weir_proof *proof, weir_prescription *p)
{
    weir_forget_controls(proof->p.controls, proof->p.control);
    proof->p = (weir_prescription){0};
    if (p->outcome != WEIR_PROVEN) return;
    proof->p = *p;
    memcpy(proof->trial, p->trial, p->trials * sizeof *p->trial);
    p->controls = 0; /* the proof has them now */
}

void weir_proof_take_back(weir_proof *proof, weir_prescription *p)
{
    bool open = p->outcome == WEIR_BETTER_IN_TRIALS && p->trials <= WEIR_SCREEN_SEEDS;
    if (open && proof->p.outcome == WEIR_PROVEN) {
        *p = proof->p;
        memcpy(p->trial, proof->trial, p->trials * sizeof *p->trial);
    } else {
        weir_forget_controls(proof->p.controls, proof->p.control);
    }
    proof->p = (weir_prescription){0};
}
