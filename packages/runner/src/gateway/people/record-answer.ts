import { ANSWERED_VIA, isRecord } from '@agentteam/contract';
import { PersonMessageError, writeAnswer } from '@agentteam/volume';
import type { Logger } from '../log.ts';

/**
 * Records a person's answer that the controller passes on. The first answer to a question stays.
 * @returns the answer that counts, or why this one cannot be recorded.
 */
export async function recordAnswer(control: string, given: unknown, log: Logger): Promise<object> {
  const { id, text, by, via: named } = isRecord(given) ? given : {};
  const via = ANSWERED_VIA.find((known) => known === named);
  if (via === undefined || [id, text, by].some((field) => typeof field !== 'string')) {
    return { refused: 'it is not an answer' };
  }
  try {
    const answer = { id: String(id), text: String(text), by: String(by), via };
    const recorded = await writeAnswer(control, answer);
    log.info({ event: 'answer-recorded', question: answer.id, by: recorded.answer.by });
    return recorded;
  } catch (error) {
    if (!(error instanceof PersonMessageError)) throw error;
    return { refused: error.message };
  }
}
