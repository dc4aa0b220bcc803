import { EXIT } from '@agentteam/contract';
import { listTasks, readAgentStates } from '@agentteam/volume';
import type { StepResult } from '../step-result.ts';
import { Completion, type IdleAgent } from './completion.ts';
import { sendIdleNotice } from './idle-notice.ts';
import { openTasksOf } from './open-tasks.ts';
import type { MemberParts } from './parts.ts';

/** Asks an idle agent the questions that it has to answer before its step may end. */
export class IdleCheck {
  readonly #parts: MemberParts;
  readonly #completion: Completion;
  #turnsSeen = 0;
  #hasSentNotice = false;

  constructor(parts: MemberParts) {
    this.#parts = parts;
    this.#completion = new Completion(parts.cli.vocabulary);
  }

  /** @returns the step's result as soon as it may end. */
  async next(): Promise<StepResult | undefined> {
    const { conversation, changes } = this.#parts;
    if (conversation.turns !== this.#turnsSeen) {
      this.#turnsSeen = conversation.turns;
      this.#completion.turnEnded();
      this.#hasSentNotice = false;
    }
    const decision = this.#completion.decide(await readIdleAgent(this.#parts), performance.now());
    switch (decision.kind) {
      case 'end':
        return (await this.#asksPerson(decision.result)) ? undefined : decision.result;
      case 'ask':
        await conversation.send(decision.message);
        return undefined;
      case 'wait':
        if (decision.ms !== undefined) changes.notifyAfter(decision.ms);
        await this.#sendNotice();
        return undefined;
    }
  }

  /** Whether a person is asked about an agent that has reported blocked, so that its step does not end yet. */
  async #asksPerson({ exitCode }: StepResult): Promise<boolean> {
    const { desk, state } = this.#parts;
    const { reported } = state.value;
    if (desk === undefined || exitCode !== EXIT.reportedBlocked || !reported) return false;
    return desk.askAboutBlocked(reported);
  }

  /** Tells the lead, once after each turn, that a teammate is waiting. */
  async #sendNotice(): Promise<void> {
    const { spec, conversation } = this.#parts;
    if (this.#hasSentNotice || spec.role === 'lead') return;
    this.#hasSentNotice = true;
    const result = conversation.lastResult?.text ?? '';
    await sendIdleNotice(this.#parts, { idleReason: 'available', result, quiet: true });
  }
}

export async function readIdleAgent(parts: MemberParts): Promise<IdleAgent> {
  const { spec, directories, conversation, state } = parts;
  const [tasks, states] = await Promise.all([
    listTasks(directories.native),
    readAgentStates(
      directories.state,
      spec.members.map(({ name }) => name),
    ),
  ]);
  return {
    role: spec.role,
    reported: state.value.reported,
    invalid: conversation.invalidReport,
    ...openTasksOf(spec.name, tasks, states),
    background: conversation.background,
    defect: defectOfLastText(conversation),
  };
}

/** Why the agent's last text cannot serve as its report, as the end of a sentence; `undefined` if it can. */
function defectOfLastText({
  lastResult,
}: Pick<MemberParts['conversation'], 'lastResult'>): string | undefined {
  return lastResult === undefined ? 'was empty' : lastResult.defect;
}
