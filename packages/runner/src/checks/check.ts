export type CheckKind = 'test' | 'lint' | 'validation';

/** One thing to run against the result. */
export interface Check {
  readonly kind: CheckKind;
  /** Program and arguments; no shell. */
  readonly command: readonly string[];
  /** What in the repository asked for it: `package.json scripts.test`. */
  readonly foundIn: string;
}
