import { jest } from '@jest/globals';

/** The output that a step prints while `work` runs. */
export async function printed<T>(work: () => Promise<T>): Promise<{ result: T; log: string }> {
  let log = '';
  const keep = (chunk: string | Uint8Array): boolean => {
    log += String(chunk);
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation(keep),
  );
  try {
    return { result: await work(), log };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
