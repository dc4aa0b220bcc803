import { type AgentReport, type AgentSpec, ENV } from '@agentteam/contract';
import { commandVariables } from '../environment/variables.ts';
import { StepFailure } from '../step/failure.ts';
import { errorText } from './agent-cli.ts';
import { claudeCode } from './claude-code/claude-code.ts';
import { type AgentDirectories, directoriesOf } from './directories.ts';
import { type HeldGateway, holdGateway, OUTAGES } from './held-gateway.ts';
import { log } from './log.ts';
import { ChangeNotifier } from './member/change-notifier.ts';
import { sessionIdOf } from './own-state.ts';
import { ProviderStatus } from './provider-status.ts';
import { failureOf, type RecordReport } from './report-tool.ts';
import { startAgent } from './start.ts';
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
  const directories = await directoriesOf(env[ENV.root] ?? '', lead);
  const gateway = await holdGateway(directories.gateway, {
    env,
    signal,
    onOutage: (stage) => log('gateway', OUTAGES[stage]),
  });
  return {
    async run(message) {
      const stop = AbortSignal.any([signal, gateway.lost]);
      try {
        await runRound({ lead, directories, gateway, env }, message, stop);
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
  readonly directories: AgentDirectories;
  readonly gateway: HeldGateway;
  readonly env: NodeJS.ProcessEnv;
}

async function runRound(
  { lead, directories, gateway, env }: RoundParts,
  message: string,
  signal: AbortSignal,
): Promise<void> {
  const root = env[ENV.root] ?? '';
  const changes = new ChangeNotifier();
  const variables = await commandVariables(env, lead, root);
  const agent = {
    cli: claudeCode,
    ...{ spec: lead, directories, gateway, root, env, changes },
    sessionId: await sessionIdOf(directories),
    variables,
    worktree: await openWorktree(root, lead, directories, { env, variables }, signal),
  };
  let reported: AgentReport | undefined;
  const record: RecordReport = async (report) => {
    reported = report;
    return undefined;
  };
  const { process, conversation } = await startAgent(agent, record, signal);
  signal.addEventListener('abort', changes.notify, { once: true });
  let isRunning = true;
  void process.exited.then(() => {
    isRunning = false;
    changes.notify();
  });
  try {
    await conversation.send(message);
    while (!conversation.isIdle && isRunning) {
      signal.throwIfAborted();
      await changes.next(signal);
    }
    signal.throwIfAborted();
    const { lastResult } = conversation;
    if (lastResult === undefined || lastResult.isError) {
      const refusal = await new ProviderStatus(directories, lead.name).refusal(true);
      const error = lastResult && errorText(lastResult);
      const reason = refusal?.message ?? error ?? 'its process exited';
      throw new StepFailure(`the lead could not answer: ${reason}`, refusal?.exitCode);
    }
    // The lead need not report again. If it reports that it cannot fix the checks, nothing is delivered.
    const failure = reported && failureOf(reported);
    if (failure !== undefined) {
      throw new StepFailure(`the lead ${failure.message}`, failure.exitCode);
    }
  } finally {
    process.finish();
    await process.stop();
  }
}
