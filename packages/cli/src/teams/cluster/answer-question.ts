import { setTimeout as delay } from 'node:timers/promises';
import type { AgentTeam } from '@agentteam/api';
import { ANNOTATIONS, parseRecordedAnswer, QUESTION_LIMITS } from '@agentteam/contract';
import type { CustomObjects } from '../../cluster/connection/custom-objects.ts';
import { httpStatus } from '../../cluster/connection/errors.ts';
import { Failure } from '../../failure.ts';
import { oneLine } from '../../output/terminal/safe.ts';
import { type AskingTeam, addressed, alreadyAnswered, closed } from '../questions.ts';
import type { AnswerOptions, AnswerResult } from '../team-host.ts';

/** How long to wait for the controller, which normally passes an answer on within a second. */
const CONFIRMATION_MS = 10_000;
const INTERVAL_MS = 250;
/** How often to write the answer when the team changes between reading and writing. */
const ATTEMPTS = 20;

/**
 * Writes the answer to a question as an annotation of the team, and waits until the agent has it. The API
 * server authenticates the caller, and the admission webhook records the first answer with the name.
 * @param who name of the caller in the API server; recorded where no admission webhook records it.
 * @throws Failure naming the person who answered first.
 */
export async function answerQuestion(
  teams: CustomObjects<AgentTeam>,
  read: () => Promise<AskingTeam>,
  options: AnswerOptions,
  who: string | undefined,
  signal: AbortSignal,
): Promise<AnswerResult> {
  const { name, id, agent, text } = await annotate(teams, read, options, who);
  const by = who ?? 'unknown';
  for (const until = Date.now() + CONFIRMATION_MS; Date.now() < until; ) {
    signal.throwIfAborted();
    const { status } = await teams.read(name).then((team) => team ?? { status: undefined });
    const now = status?.questions?.find((one) => one.id === id);
    if (now?.answer !== undefined) return { id, agent, text: now.answer, by: now.by ?? by };
    if (now?.unanswered !== undefined) throw closed(now);
    await delay(INTERVAL_MS, undefined, { signal });
  }
  return { id, agent, text, by, note: 'the controller has not passed the answer on yet' };
}

/**
 * Writes the annotation. Where no webhook refuses a second answer, the API server does: it refuses an update
 * that did not see the first one.
 */
async function annotate(
  teams: CustomObjects<AgentTeam>,
  read: () => Promise<AskingTeam>,
  options: AnswerOptions,
  who: string | undefined,
) {
  for (let attempt = 1; ; attempt += 1) {
    const hosted = await read();
    const { question, text } = addressed(hosted, options.words);
    const { id, agent = '' } = question;
    if (text.length > QUESTION_LIMITS.answer) {
      const limit = QUESTION_LIMITS.answer;
      throw new Failure(`the answer has ${text.length} characters; the limit is ${limit}`);
    }
    refuseSecond(hosted.team, id);
    const { resourceVersion } = hosted.team.metadata as { readonly resourceVersion?: string };
    const name = hosted.team.metadata.name ?? '';
    const annotations = {
      [`${ANNOTATIONS.answerPrefix}${id}`]: text,
      [`${ANNOTATIONS.byPrefix}${id}`]: who ?? null,
    };
    try {
      await teams.patch(name, { metadata: { annotations, resourceVersion } });
      return { name, id, agent, text };
    } catch (error) {
      const isConflict = error instanceof Failure && httpStatus(error.cause) === 409;
      if (!isConflict || attempt === ATTEMPTS) throw error;
    }
  }
}

/** @throws Failure for an answer in the annotations, which the controller may not have passed on yet. */
function refuseSecond({ metadata }: AgentTeam, id: string): void {
  const { annotations = {} } = metadata as { annotations?: Readonly<Record<string, string>> };
  const recorded = parseRecordedAnswer(annotations[`${ANNOTATIONS.answeredPrefix}${id}`]);
  if (recorded !== undefined) {
    throw alreadyAnswered(id, { text: recorded.text, by: recorded.user, at: recorded.at });
  }
  const text = annotations[`${ANNOTATIONS.answerPrefix}${id}`];
  if (text === undefined) return;
  const by = annotations[`${ANNOTATIONS.byPrefix}${id}`] ?? 'somebody';
  throw new Failure(`${by} has answered ${id} already: ${oneLine(text)}`);
}
