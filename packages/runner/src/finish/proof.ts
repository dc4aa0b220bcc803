import { readFile } from 'node:fs/promises';
import { ENV, FIGURES, OUTPUTS, PATHS, type TeamRef, under } from '@agentteam/contract';
import { proofOf } from '@agentteam/figures';

/** The output with the proof of a run's totals. There is none when no key is mounted. */
export async function totalsProof(
  root: string,
  env: NodeJS.ProcessEnv,
  { team, namespace }: TeamRef,
  totals: string,
): Promise<{ readonly [OUTPUTS.totalsProof]?: string }> {
  const path = `${PATHS.credentials}/${FIGURES.directory}/${FIGURES.secretKey}`;
  const key = await readFile(under(root, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
    throw error;
  });
  if (key.trim() === '') return {};
  const source = { namespace, team, run: env[ENV.run] ?? '' };
  return { [OUTPUTS.totalsProof]: proofOf(key.trim(), source, totals) };
}
