import type pc from 'picocolors';

/** Functions that colour text. They return the text unchanged when the output has no colours. */
export type Colors = ReturnType<typeof pc.createColors>;
