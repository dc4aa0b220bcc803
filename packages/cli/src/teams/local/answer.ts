import { userInfo } from 'node:os';
import { PersonMessageError, writeAnswer } from '@agentteam/volume';
import { Failure } from '../../failure.ts';
import { addressed, alreadyAnswered, closed } from '../questions.ts';
import type { AnswerOptions, AnswerResult } from '../team-host.ts';
import type { LocalTeam } from './local-team.ts';

/** Answers a question of an agent of a run on this machine. */
export async function answerLocally(
  team: LocalTeam,
  options: AnswerOptions,
): Promise<AnswerResult> {
  const { by = userInfo().username, words, via } = options;
  const hosted = await team.read();
  const { question, text } = addressed(hosted, words);
  const { id, agent = '' } = question;
  try {
    const { answer, isFirst } = await writeAnswer(team.volumes.control, { id, text, by, via });
    if (!isFirst) throw alreadyAnswered(id, answer);
    const now = (await team.read()).status.questions?.find((one) => one.id === id);
    // The time of the question was up while this answer was written.
    if (now?.unanswered !== undefined) throw closed(now);
    const stopped = `no process is running ${hosted.name}; the agent gets the answer after: agentteam resume ${hosted.reference}`;
    const { text: written, by: name } = answer;
    return { id, agent, text: written, by: name, ...(hosted.interrupted && { note: stopped }) };
  } catch (cause) {
    if (!(cause instanceof PersonMessageError)) throw cause;
    throw new Failure(cause.message, { cause });
  }
}
