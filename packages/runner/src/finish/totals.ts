import { readFile } from 'node:fs/promises';
import {
  ENV,
  FIGURES,
  OUTPUTS,
  PATHS,
  type TeamLive,
  type TeamRef,
  under,
} from '@agentteam/contract';
import { proofOf } from '@agentteam/figures';
import { cutText, cutTexts, jsonText } from '@agentteam/text';

/** Characters of one report. */
const REPORT_LENGTH = 2000;
/** Characters of all reports and reasons, from most to least: the first that keeps to `MAX_LENGTH` is used. */
const TEXTS_LENGTHS = [24_000, 8_000, 0];
const MAX_NOTICES = 8;
/** An output is limited to 64 Ki characters, and JSON that is cut off cannot be parsed. */
const MAX_LENGTH = 60_000;

/**
 * The `totals` output. Reports in it may be shortened, but never figures. Control characters are
 * escaped, so that writing the output does not change the text that the proof is for.
 */
export function totalsText(live: TeamLive): string {
  const texts = TEXTS_LENGTHS.map((length) => jsonText(shortened(live, length)));
  return texts.find(({ length }) => length <= MAX_LENGTH) ?? texts.at(-1) ?? '';
}

function shortened(live: TeamLive, length: number): TeamLive {
  const texts = cutTexts(
    live.agents.flatMap(({ report = '', message = '' }) => [
      cutText(report, REPORT_LENGTH),
      cutText(message, REPORT_LENGTH),
    ]),
    length,
  );
  const agents = live.agents.map(({ report, message, ...agent }, index) => ({
    ...agent,
    ...(report !== undefined && { report: texts[2 * index] ?? '' }),
    ...(message !== undefined && { message: texts[2 * index + 1] ?? '' }),
  }));
  const notices = live.notices?.slice(0, MAX_NOTICES);
  return { ...live, agents, ...(notices !== undefined && { notices }) };
}

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
