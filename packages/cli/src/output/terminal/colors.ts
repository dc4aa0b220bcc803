import type pc from 'picocolors';

/** Colour functions, all of them plain where there is no colour. */
export type Colors = ReturnType<typeof pc.createColors>;
