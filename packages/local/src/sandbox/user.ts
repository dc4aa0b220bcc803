/** The user of a container, as seen in its sandbox. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** Agents have this id in a pod, too. */
const NOT_ROOT = 1000;

/** The user who runs the engine, or {@link NOT_ROOT} if that is root. */
export function identityInSandbox(): Identity {
  return { uid: process.getuid?.() || NOT_ROOT, gid: process.getgid?.() || NOT_ROOT };
}
