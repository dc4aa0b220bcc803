import { questionId } from '@agentteam/contract';
import { inDirectory, readAnswers, readAskedQuestions } from '@agentteam/volume';
import type { ReceivedAnswer } from './message.ts';

/** Reads people's answers to an agent. The agent can write its questions, but not the answers. */
export async function readReceivedAnswers(
  { state, control }: { readonly state: string; readonly control: string },
  agent: string,
): Promise<readonly ReceivedAnswer[]> {
  const answers = await readAnswers(control, agent);
  if (answers.size === 0) return [];
  const asked = await inDirectory(state, [agent], (path) => readAskedQuestions(path, agent)).catch(
    () => undefined,
  );
  const questions = new Map(asked?.map((question) => [question.id, question]));
  return [...answers].map(([number, { by, at, text }]) => {
    const id = questionId(agent, number);
    const question = questions.get(id);
    return {
      ...{ by, at, text },
      question: { id, ...(question !== undefined && { text: question.text }) },
      // An answer that came too late was not handed to the agent.
      delivered: question?.handed !== undefined && question.unanswered === undefined,
    };
  });
}
