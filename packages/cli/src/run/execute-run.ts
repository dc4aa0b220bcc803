import { gateStep } from '@agentteam/contract';
import { aggregate } from '@agentteam/ledger';
import { decide, execute, stop } from '@agentteam/local';
import { deliver } from '@agentteam/notify';
import { teamExitCode } from '@agentteam/status';
import { findFiles } from '@agentteam/volume';
import { type Context, note } from '../context.ts';
import { openDisplay } from '../display/open-display.ts';
import { CLI_EXIT } from '../exit.ts';
import { LocalTeam } from '../host/local-team.ts';
import { holdRun } from '../host/run-lock.ts';
import type { RunRecord } from '../host/runs-directory.ts';
import { removeScratch } from '../host/scratch.ts';
import type { HostedTeam } from '../host/team-host.ts';
import { needsOf } from '../inputs/needs.ts';
import { resolveSecrets } from '../inputs/secrets.ts';
import { type OpenRehearsal, openRehearsal } from '../rehearsal/open-rehearsal.ts';
import { interruptedByStorage } from '../storage-failure.ts';
import { printEnding } from '../view/print-ending.ts';
import { engineOptions } from './engine-options.ts';
import type { GateAnswer } from './gate-answer.ts';
import type { GateCall } from './gate-call.ts';
import { defaultAnswer, Gatekeeper } from './gatekeeper.ts';
import { sandboxWarnings, useSandbox } from './sandbox.ts';
import { readSenders } from './senders.ts';
import { WaitTeller } from './wait-teller.ts';
import { watchRun } from './watch.ts';

export interface ExecutionOptions {
  readonly gates?: GateAnswer;
  readonly json: boolean;
  /** Done before anything runs, when no other process can run it any more. */
  readonly begin?: () => Promise<void>;
  /** One that is open already. */
  readonly rehearsal?: OpenRehearsal;
}

/**
 * Executes a run to its end, or until the user interrupts it.
 * @param runs the directory that it is kept in.
 * @returns how the process should end.
 */
export async function executeRun(
  context: Context,
  runs: string,
  record: RunRecord,
  options: ExecutionOptions,
): Promise<number> {
  const team = new LocalTeam(runs, record);
  const interrupted = (error: unknown): unknown =>
    interruptedByStorage(error, record.run, team.reference) ?? error;
  const release = await holdRun(team.directory, record.run, team.reference).catch((error) => {
    throw interrupted(error);
  });
  let rehearsal = options.rehearsal;
  try {
    if (record.rehearsal !== undefined) {
      rehearsal ??= await openRehearsal(record.team, record.rehearsal, {
        directory: team.directory,
        ...(record.output === undefined ? {} : { output: record.output }),
      });
    }
    await options.begin?.();
    const hosted = await execution(context, team, options, rehearsal);
    note(context, ...(rehearsal?.departures() ?? []).map((words) => `! replay: ${words}`));
    return await conclude(context, team, hosted, options.json);
  } catch (error) {
    throw interrupted(error);
  } finally {
    await rehearsal?.close();
    await release();
  }
}

async function execution(
  context: Context,
  team: LocalTeam,
  { gates, json }: ExecutionOptions,
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
  const isTerminal = context.out.isTTY === true && context.in.isTTY === true && !json;
  const answer = gates ?? defaultAnswer(isTerminal, rehearsal !== undefined);
  const keys = isTerminal && answer === 'ask';
  const display = openDisplay(context, json, keys);
  const answerGate = async (event: string, decision: 'approve' | 'reject', by: string) =>
    decide(directory, gateStep(event), decision, { by });
  const tell = async ({ channel, notification }: GateCall, signal: AbortSignal) =>
    deliver(channel, senders, notification, signal);
  const telling = {
    note: (text: string) => display.note(text),
    ...(rehearsal === undefined && { tell }),
  };
  return watchRun(
    context,
    execute(directory, engineOptions(context, record, workflow, secrets, sandbox)),
    {
      team,
      display,
      keys,
      decide: answerGate,
      stop: async () => stop(directory),
      gatekeeper: new Gatekeeper(
        { approved: record.approve, answer },
        {
          decide: answerGate,
          ...telling,
        },
      ),
      waitTeller: new WaitTeller(telling),
    },
  );
}

/** The last words on a run, and how the process should end. */
async function conclude(
  context: Context,
  team: LocalTeam,
  hosted: HostedTeam,
  json: boolean,
): Promise<number> {
  const { run, output, options } = team.record;
  const exitCode = teamExitCode(hosted.status);
  if (exitCode === undefined || hosted.workflow.status?.finishedAt === undefined) {
    const goOn = `agentteam resume ${team.reference}`;
    note(
      context,
      `${run} is stopped, nothing of it is lost. Go on: ${goOn}`,
      'The time until then does not count towards its timeout.',
    );
    return CLI_EXIT.interrupted;
  }
  const cost = aggregate((await team.ledger()).entries());
  const { files, cut } = output === undefined ? { files: [], cut: false } : await findFiles(output);
  printEnding(context, { hosted, cost, files, moreFiles: cut }, exitCode, json);
  if (exitCode === CLI_EXIT.completed && !options.keep) {
    await removeScratch(team.directory).catch((error: Error) =>
      note(context, `! ${error.message}`),
    );
  }
  return exitCode;
}
