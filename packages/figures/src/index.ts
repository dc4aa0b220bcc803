export { FiguresError, openAnswer, sealAnswer } from './answer.ts';
export { openOrder, orderHeader } from './order.ts';
export { askToRecord, readAskedToRecord } from './person-answer.ts';
export type { ProvenFor } from './proven-for.ts';
export { askFor, isAskedBy, type Question } from './question.ts';
export { isProofOf, proofOf } from './totals.ts';
