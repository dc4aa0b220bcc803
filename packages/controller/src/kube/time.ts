/** A time as Kubernetes objects carry it (`metav1.Time`): whole seconds, in UTC. */
export function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A time with microseconds (`metav1.MicroTime`), as a Lease carries it. */
export function microTimestamp(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
