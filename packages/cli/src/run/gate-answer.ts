export const GATE_ANSWERS = ['ask', 'approve', 'wait'] as const;

/** How gates that open are answered: by keys of this terminal, at once, or from elsewhere. */
export type GateAnswer = (typeof GATE_ANSWERS)[number];
