import { readInterrupt } from '@agentteam/volume';
import { interruptExpired } from '../../prompts/resume.ts';
import { log } from '../log.ts';
import type { MemberParts } from './parts.ts';

/** How long an interrupted agent waits for a person: a terminal that was closed must not block a team. */
const LONGEST_WAIT_MS = 10 * 60_000;

/**
 * Interrupts an agent's turn when a person asks for that. The agent then waits for the next message of a
 * person; mail of other agents waits as well. The journal says what was done, so a restart repeats nothing.
 */
export class Interrupts {
  readonly #parts: MemberParts;

  constructor(parts: MemberParts) {
    this.#parts = parts;
  }

  /** Whether the agent waits for the person who has interrupted it. */
  get isWaiting(): boolean {
    return this.#parts.journal.isInterrupted;
  }

  /** Name of the person who has interrupted the agent, while it waits. */
  get waitsFor(): string | undefined {
    return this.isWaiting ? this.#parts.journal.lastInterrupt?.by : undefined;
  }

  /** Carries out the latest request, once. */
  async apply(): Promise<void> {
    const { spec, directories, journal, conversation } = this.#parts;
    // An interrupt before the turn begins would have no effect.
    if (conversation.isBeginning) return;
    const request = await readInterrupt(directories.control, spec.name);
    if (request !== undefined && request.id !== journal.lastInterrupt?.id && !isOver(request.at)) {
      await journal.addInterrupt(request);
      log('person', `${request.by} interrupted the turn`);
    }
    // A message that was sent before the interrupt, or the end of a background task, starts another turn.
    if (this.isWaiting) conversation.interrupt();
  }

  /** Lets an agent continue that has waited too long. */
  async expire(): Promise<void> {
    const { journal, conversation, changes } = this.#parts;
    const request = journal.lastInterrupt;
    if (!this.isWaiting || request === undefined) return;
    if (isOver(request.at)) return conversation.record(interruptExpired(request.by), []);
    changes.notifyAfter(LONGEST_WAIT_MS - (Date.now() - Date.parse(request.at)));
  }
}

function isOver(at: string): boolean {
  return !(Date.now() - Date.parse(at) < LONGEST_WAIT_MS);
}
