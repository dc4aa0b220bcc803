export { FiguresError, openAnswer, sealAnswer } from './answer.ts';
export { askFor, isAskedBy, type Question } from './question.ts';
export { isProofOf, proofOf } from './totals.ts';
export type { ProvenFor } from './proven-for.ts';
