import { shownName } from '@agentteam/contract';
import type { NoticeDetail } from './detail.ts';
import type { Correspondence } from './mail/message.ts';
import type { DetailSource } from './source.ts';

/** Says what was not read of a team, and what broke and was repaired. @param live its figures. */
export function noticesOf(
  source: DetailSource,
  live: DetailSource['live'],
  mail: Correspondence,
): readonly NoticeDetail[] {
  const missing =
    mail.missing.length === 0
      ? []
      : [
          {
            message: `The delivered mail of ${mail.missing.map(shownName).join(', ')} cannot be read.`,
          },
        ];
  return [
    ...(live === undefined && hasBegun(source) ? [NO_FIGURES] : []),
    ...(live?.notices ?? []).map(({ kind, agent, message }) => ({
      ...(kind !== undefined && { kind }),
      ...(agent !== undefined && { agent }),
      message,
    })),
    ...mail.leftOut.map((message) => ({ message })),
    ...missing,
  ];
}

/** Without it, zeros would look like counts. */
const NO_FIGURES = {
  message:
    'The figures of the agents were not read: their turns, tokens and tasks are not known here, and costs are those of the status.',
};

/** Whether an agent has begun, and its figures are not just being read. */
function hasBegun({ steps, files }: DetailSource): boolean {
  const began = steps.some(
    ({ kind, state }) => kind === 'agent' && state !== 'waiting' && state !== 'skipped',
  );
  return began && files?.progress === undefined;
}
