import { type AgentReport, type AgentSpec, ENV } from '@agentteam/contract';
import { StepFailure } from '../step/failure.ts';
import { type HeldGateway, holdGateway, OUTAGES } from './held-gateway.ts';
import { log } from './log.ts';
import { sessionIdOf } from './own-state.ts';
import { type Places, placesOf } from './places.ts';
import { ProviderNews } from './provider.ts';
import { failureOf } from './report-tool.ts';
import { startAgent } from './start.ts';
import { Wake } from './wake.ts';
import { openWorktree } from './worktree.ts';

/** The lead, ready to fix what the checks find. */
export interface LeadRounds {
  /**
   * Gives the lead one more turn: starts its process again in the session that it had, sends it the
   * message, and settles when the turn has ended.
   */
  run(message: string): Promise<void>;
  /** Releases the gateway. */
  close(): void;
}

/** Opens the lead's rounds. They share one gateway, which is held from before the first check. */
export async function openLeadRounds(
  lead: AgentSpec,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<LeadRounds> {
  const places = await placesOf(env[ENV.root] ?? '', lead);
  const gateway = await holdGateway(places.gateway, {
    env,
    signal,
    onOutage: (stage) => log('gateway', OUTAGES[stage]),
  });
  return {
    async run(message) {
      const stop = AbortSignal.any([signal, gateway.lost]);
      try {
        await runRound({ lead, places, gateway, env }, message, stop);
      } catch (error) {
        if (signal.aborted || !gateway.lost.aborted) throw error;
        throw gateway.lost.reason;
      }
    },
    close: () => gateway.release(),
  };
}

interface RoundParts {
  readonly lead: AgentSpec;
  readonly places: Places;
  readonly gateway: HeldGateway;
  readonly env: NodeJS.ProcessEnv;
}

async function runRound(
  { lead, places, gateway, env }: RoundParts,
  message: string,
  signal: AbortSignal,
): Promise<void> {
  const root = env[ENV.root] ?? '';
  const wake = new Wake();
  const sessionId = await sessionIdOf(places);
  const worktree = await openWorktree(root, lead, places, env, signal);
  let reported: AgentReport | undefined;
  const onReport = async (report: AgentReport) => {
    reported = report;
  };
  const agent = { spec: lead, places, gateway, root, env, sessionId, worktree, wake };
  const parts = { ...agent, onReport };
  const { claude, conversation } = await startAgent(parts, false, signal);
  signal.addEventListener('abort', wake.ring, { once: true });
  let running = true;
  void claude.exited.then(() => {
    running = false;
    wake.ring();
  });
  try {
    await conversation.say(message);
    while (!conversation.idle && running) {
      signal.throwIfAborted();
      await wake.next(signal);
    }
    signal.throwIfAborted();
    const { last } = conversation;
    if (last === undefined || last.isError) {
      const refusal = await new ProviderNews(places, lead.name).refusal(true);
      const message = refusal?.message ?? last?.text ?? 'its process ended';
      throw new StepFailure(`the lead could not answer: ${message}`, refusal?.exitCode);
    }
    // It need not report again; but when it says that it cannot put the failure right, nothing is delivered.
    const failure = reported && failureOf(reported);
    if (failure !== undefined)
      throw new StepFailure(`the lead ${failure.message}`, failure.exitCode);
  } finally {
    claude.finish();
    await claude.stop();
  }
}
