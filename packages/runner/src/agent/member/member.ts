import { EXIT } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';
import type { StepResult } from '../step-result.ts';
import { Lead } from './lead.ts';
import type { MemberParts } from './parts.ts';
import type { MemberRole } from './role.ts';
import { Session } from './session.ts';
import { Teammate } from './teammate.ts';

/** Runs an agent as a member of its team until its step ends. */
export async function runMember(parts: MemberParts): Promise<StepResult> {
  const { spec, conversation, changes, desk, signal } = parts;
  const session = new Session(parts);
  const role: MemberRole =
    spec.role === 'lead' ? new Lead(parts, session) : new Teammate(parts, session);
  await session.open();
  try {
    for (;;) {
      const interruption = await session.interruption();
      if (interruption?.exitCode === EXIT.ok) await role.whenExited();
      if (interruption !== undefined) return interruption;
      await session.deliverMail();
      const failure = conversation.isIdle ? await session.handleTurnEnd() : undefined;
      if (failure !== undefined) return failure;
      // An agent that waits for an answer has not ended its work.
      const isDone = session.isIdle && desk?.isWaiting !== true;
      const result = isDone ? await role.whenIdle() : undefined;
      if (result !== undefined) return result;
      await changes.next(signal);
    }
  } catch (error) {
    if (signal.aborted) return session.stopped();
    if (error instanceof StepFailure) return { exitCode: error.exitCode, message: error.message };
    throw error;
  }
}
