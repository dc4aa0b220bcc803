import { ENV } from '@agentteam/contract';
import type { LeadRound } from '../checks/lead-round.ts';
import { StepFailure } from '../step/failure.ts';
import { sessionIdOf } from './own-state.ts';
import { placesOf } from './places.ts';
import { startAgent } from './start.ts';
import { Wake } from './wake.ts';
import { openWorktree } from './worktree.ts';

/** Gives the lead one more turn in its own session, after its step has ended. */
export const runLeadRound: LeadRound = async (lead, message, env, signal) => {
  const root = env[ENV.root] ?? '';
  const places = await placesOf(root, lead);
  const wake = new Wake();
  const sessionId = await sessionIdOf(places);
  const worktree = await openWorktree(root, lead, places, env, signal);
  const parts = { spec: lead, places, root, env, sessionId, worktree, wake };
  const { claude, conversation } = await startAgent(parts, false, signal);
  const gone = claude.exited.then(() => wake.ring());
  signal.addEventListener('abort', wake.ring, { once: true });
  let running = true;
  void gone.then(() => {
    running = false;
  });
  try {
    await conversation.say(message);
    while (!conversation.idle && running) {
      signal.throwIfAborted();
      await wake.next(signal);
    }
    const { last } = conversation;
    if (last === undefined || last.isError) {
      throw new StepFailure(`the lead could not answer: ${last?.text ?? 'its process ended'}`);
    }
  } finally {
    claude.finish();
    await claude.stop();
  }
};
