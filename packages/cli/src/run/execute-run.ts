import { userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Decision, gateStep } from '@agentteam/contract';
import { decide, execute, stop } from '@agentteam/local';
import { deliver } from '@agentteam/notify';
import { shouldStop } from '@agentteam/status';
import { writeAnswer } from '@agentteam/volume';
import { type Context, note } from '../context.ts';
import { openDisplay } from '../output/display/open-display.ts';
import { showTeam } from '../output/display/show-team.ts';
import { type OpenRehearsal, openRehearsal } from '../rehearsal/open-rehearsal.ts';
import { interruptedByStorage } from '../storage-failure.ts';
import type { GateAnswer } from '../teams/gates.ts';
import { LocalTeam } from '../teams/local/local-team.ts';
import { holdRun } from '../teams/local/run-lock.ts';
import type { RunRecord } from '../teams/local/run-record.ts';
import type { HostedTeam } from '../teams/team-host.ts';
import { concludeRun } from './conclude-run.ts';
import { engineOptions } from './engine-options.ts';
import type { AddressedNotification } from './gate-notification.ts';
import { defaultAnswer, Gatekeeper } from './gatekeeper.ts';
import { prepareImageContainers } from './image-containers.ts';
import { needsOf } from './inputs/needs.ts';
import { resolveSecrets } from './inputs/secrets.ts';
import { QuestionKeeper } from './question-keeper.ts';
import { sandboxWarnings, useSandbox } from './sandbox.ts';
import { readSenders } from './senders.ts';
import { WaitNotifier } from './wait-notifier.ts';

/** Milliseconds between two reads of a run. */
const INTERVAL_MS = 250;

export interface ExecutionOptions {
  readonly gates?: GateAnswer;
  readonly json: boolean;
  /** Called before the engine starts, while this process has reserved the run. */
  readonly begin?: () => Promise<void>;
  /** The rehearsal of the run, if it is already open. */
  readonly rehearsal?: OpenRehearsal;
}

/**
 * Executes a run until it has ended or the user interrupts it.
 * @param runs directory of the runs.
 * @returns the exit code.
 */
export async function executeRun(
  context: Context,
  runs: string,
  record: RunRecord,
  options: ExecutionOptions,
): Promise<number> {
  const team = new LocalTeam(runs, record);
  const explained = (error: unknown): unknown =>
    interruptedByStorage(error, record.run, team.reference) ?? error;
  const release = await holdRun(team.directory, record.run, team.reference).catch((error) => {
    throw explained(error);
  });
  let rehearsal = options.rehearsal;
  try {
    if (record.rehearsal !== undefined) {
      rehearsal ??= await openRehearsal(record.team, record.rehearsal, {
        directory: team.directory,
        ...(record.output !== undefined && { output: record.output }),
      });
    }
    await options.begin?.();
    const hosted = await showExecution(context, team, options, rehearsal);
    note(context, ...(rehearsal?.deviations() ?? []).map((text) => `! replay: ${text}`));
    return await concludeRun(context, team, hosted, options.json);
  } catch (error) {
    throw explained(error);
  } finally {
    await rehearsal?.close();
    await release();
  }
}

/** Starts the engine and shows the run until the engine stops. @returns the last state of the run. */
async function showExecution(
  context: Context,
  team: LocalTeam,
  { gates: requested, json }: ExecutionOptions,
  rehearsal: OpenRehearsal | undefined,
): Promise<HostedTeam> {
  const { record, directory } = team;
  const workflow = await team.workflow();
  const secrets = await resolveSecrets(
    needsOf(workflow).secrets,
    new Map(Object.entries(record.secrets)),
    record.team,
    context.env,
    rehearsal !== undefined,
  );
  const senders = await readSenders(context);
  const sandbox = useSandbox(record.sandbox, record.options.network);
  note(context, ...sandboxWarnings(record, sandbox));
  const { network, containers: imageEngine } = record.options;
  const isolation = { sandbox, network, imageEngine };
  const images = await prepareImageContainers(context, workflow, isolation);
  const isTerminal = context.out.isTTY === true && context.in.isTTY === true && !json;
  const policy = requested ?? defaultAnswer(isTerminal, rehearsal !== undefined);
  const keys = isTerminal && policy === 'ask';
  const display = openDisplay(context, json, keys);
  const answer = async (event: string, decision: Decision, by: string): Promise<void> =>
    decide(directory, gateStep(event), decision, { by });
  const send = async ({ channel, notification }: AddressedNotification, signal: AbortSignal) =>
    deliver(channel, senders, notification, signal);
  const actions = {
    note: (text: string) => display.note(text),
    ...(rehearsal === undefined && { send }),
  };
  const gatekeeper = new Gatekeeper(
    { approved: record.approve, answer: policy },
    { decide: answer, ...actions },
  );
  const waitNotifier = new WaitNotifier(actions);
  const questionKeeper = new QuestionKeeper(rehearsal?.answers ?? [], {
    ...actions,
    answer: async (id, { text, by = 'rehearsal' }) => {
      await writeAnswer(team.volumes.control, { id, text, by, via: 'rehearsal' });
    },
  });
  let isStopping = false;
  const last = await showTeam(context, display, {
    states: statesOf(
      team,
      execute(directory, engineOptions(context, record, workflow, secrets, sandbox, images)),
    ),
    keys,
    answer: (event, decision) =>
      answer(event, decision, userInfo().username).catch((error: Error) => {
        throw new Error(`${event}: ${error.message}`, { cause: error });
      }),
    onState: async (hosted, open) => {
      if (context.signal.aborted || hosted.workflow.status?.finishedAt !== undefined) return open;
      const unanswered = await gatekeeper.update(hosted, open, context.signal);
      waitNotifier.update(hosted, context.signal);
      await questionKeeper.update(hosted, context.signal);
      if (!isStopping && shouldStop(hosted.workflow)) {
        isStopping = true;
        stop(directory);
      }
      return unanswered;
    },
  });
  return last ?? team.read();
}

/**
 * Yields a run several times a second until its engine stops, and once more then.
 * @param execution settles when the engine has stopped.
 * @throws what `execution` throws.
 */
async function* statesOf(team: LocalTeam, execution: Promise<unknown>): AsyncIterable<HostedTeam> {
  let isRunning = true;
  const stopped = execution.finally(() => {
    isRunning = false;
  });
  // The rejection is handled below, where the promise is awaited.
  stopped.catch(() => {});
  while (isRunning) {
    yield await team.read();
    await Promise.race([stopped, delay(INTERVAL_MS)]);
  }
  await stopped;
  yield await team.read();
}
