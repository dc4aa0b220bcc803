/** Whom a container in a sandbox runs as, seen from inside. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** Any id but root's: in a pod agents have this one, too. */
const NOT_ROOT = 1000;

/** The user who runs the engine; never root. */
export function identityInSandbox(): Identity {
  return { uid: process.getuid?.() || NOT_ROOT, gid: process.getgid?.() || NOT_ROOT };
}
