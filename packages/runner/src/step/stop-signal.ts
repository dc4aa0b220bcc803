/**
 * A signal that aborts when the container must stop.
 * @param endsWithStdin whether it also aborts when stdin ends: the embedded engine holds it open, so that
 *   its containers end with it.
 */
export function stopSignal(endsWithStdin: boolean): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  if (endsWithStdin) {
    process.stdin.on('end', () => stop.abort()).on('error', () => stop.abort());
    process.stdin.resume();
  }
  return stop.signal;
}
