import { isOpenQuestion, type Question } from '@agentteam/contract';
import { channelOf, questionNotification } from '@agentteam/notify';
import type { ScriptedAnswer } from '@agentteam/rehearsal';
import type { HostedTeam } from '../teams/team-host.ts';
import type { AddressedNotification } from './gate-notification.ts';

export interface QuestionActions {
  /** Answers a question for a person whom the script plays. */
  answer(id: string, answer: ScriptedAnswer): Promise<void>;
  /** Sends a notification; absent in a rehearsal. */
  readonly send?: (outgoing: AddressedNotification, signal: AbortSignal) => Promise<void>;
  note(text: string): void;
}

/** Handles each question of an agent once: answers it as the script says, or notifies the channel. */
export class QuestionKeeper {
  readonly #answers: ReadonlyMap<string, ScriptedAnswer>;
  readonly #actions: QuestionActions;
  readonly #handled: Set<string> = new Set();

  /** @param answers of the script. */
  constructor(answers: readonly ScriptedAnswer[], actions: QuestionActions) {
    this.#answers = new Map(answers.map((one) => [one.question, one]));
    this.#actions = actions;
  }

  /** Returns without waiting for the receiver of a notification. */
  async update(hosted: HostedTeam, signal: AbortSignal): Promise<void> {
    const open = (hosted.live?.questions ?? []).filter(isOpenQuestion);
    for (const question of open.filter(({ id }) => !this.#handled.has(id))) {
      this.#handled.add(question.id);
      const scripted = this.#answers.get(question.id);
      if (scripted !== undefined) await this.#actions.answer(question.id, scripted);
      else this.#notify(hosted, question, signal);
    }
  }

  #notify(hosted: HostedTeam, question: Question, signal: AbortSignal): void {
    const { send, note } = this.#actions;
    const outgoing = notificationForQuestion(hosted, question);
    if (send === undefined || outgoing === undefined) return;
    const { kind } = outgoing.channel;
    send(outgoing, signal).then(
      () => note(`◆ ${question.id}: sent the question by ${kind}`),
      (error: Error) => {
        if (signal.aborted) return;
        note(`! ${question.id}: could not send the question by ${kind}: ${error.message}`);
      },
    );
  }
}

/** @returns undefined when the team's questions have no channel. */
function notificationForQuestion(
  { team, status, name, createdAt, reference }: HostedTeam,
  { id, agent, kind, text, choices, default: preset, askedAt, deadline }: Question,
): AddressedNotification | undefined {
  const { questions } = team.spec.lifecycle;
  const channel = questions && channelOf(questions);
  if (channel === undefined) return undefined;
  const notification = questionNotification({
    namespace: team.metadata.namespace ?? 'default',
    team: team.metadata.name ?? '',
    run: `${name} of ${createdAt}`,
    ...{ id, agent, kind, question: text, at: askedAt, deadline },
    ...(choices !== undefined && { choices }),
    ...(preset !== undefined && { default: preset }),
    costUsd: status.estimatedCost ?? '0.00',
    answer: `agentteam answer ${reference} ${id} "…"`,
  });
  return { channel, notification };
}
