import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type AgentLive,
  delivers,
  type FinishSpec,
  type MemberSpec,
  REPOSITORY,
  reportFileOf,
  STEPS,
  type TeamLive,
} from '@agentteam/contract';
import {
  checksIn,
  type DetailSource,
  readDetail,
  resultDiffs,
  type StepDetail,
  type StepState,
  stepOfAgent,
} from '@agentteam/detail';
import { htmlReport } from '@agentteam/report';
import { inDirectory } from '@agentteam/volume';
import type { Delivery } from '../records/delivery.ts';
import type { Claim } from '../step/claim.ts';
import type { Outcome } from './outcome.ts';

/** In the root of the shared claim, which no agent mounts. */
const REPORT_FILE = 'report.html';
/** A larger report is not kept: the claim is for the team's work. */
const MOST_BYTES = 16_777_216; // 16 Mi

export interface Ended {
  readonly live: TeamLive;
  readonly outcome: Outcome;
  readonly delivery: Delivery | undefined;
  readonly checks: string | undefined;
}

/**
 * Writes the report of a team that has ended to the shared claim, and beside the results of a Cowork team. This step
 * sees the volumes and no Workflow, so the report has no gates and no events.
 * @param output directory of the results, which agents could write to; undefined where this step does not have it.
 * @throws Error if the report is too large, or a volume is full.
 */
export async function writeReport(
  claim: Claim,
  spec: FinishSpec,
  ended: Ended,
  output: string | undefined,
): Promise<void> {
  const now = new Date().toISOString();
  const page = htmlReport(await readDetail(sourceOf(claim, spec, ended, now, output)), now);
  if (Buffer.byteLength(page) > MOST_BYTES) throw new Error('the report is larger than 16 MiB');
  await replaceFile(dirname(claim.directories.state), REPORT_FILE, page);
  if (output !== undefined) await replaceFile(output, reportFileOf(spec.team), page);
}

/** Replaces a file in a directory. A link that an agent has put in its place is replaced, and not followed. */
async function replaceFile(root: string, name: string, text: string): Promise<void> {
  await inDirectory(root, [], async (directory) => {
    const temporary = join(directory, `.${name}.${randomBytes(4).toString('hex')}`);
    try {
      await writeFile(temporary, text, { flag: 'wx', mode: 0o644 });
      await rename(temporary, join(directory, name));
    } finally {
      await rm(temporary, { force: true });
    }
  });
}

function sourceOf(
  claim: Claim,
  spec: FinishSpec,
  { live, outcome, delivery, checks }: Ended,
  now: string,
  output: string | undefined,
): DetailSource {
  const { team, namespace, members } = spec;
  const started = live.agents.flatMap(({ startedAt }) => startedAt ?? []).toSorted()[0] ?? now;
  return {
    head: {
      name: team,
      namespace,
      phase: outcome.phase,
      message: `${team} ${outcome.summary}`,
      ...(live.limit !== undefined && { limit: live.limit }),
      createdAt: started,
      startedAt: started,
      endedAt: now,
      rehearsal: false,
      interrupted: false,
    },
    workflow: team,
    steps: stepsOf(spec, live, delivery),
    members: members.map(({ name, role, model }) => ({
      name,
      step: stepOfAgent(name),
      role,
      model,
      attempts: [],
    })),
    gates: [],
    checks: checks === undefined ? [] : checksIn(checks),
    ...(delivery !== undefined && {
      delivery: {
        ...(delivery.branch !== undefined && { branch: delivery.branch }),
        ...delivery.pullRequest,
      },
    }),
    live,
    volume: dirname(claim.directories.state),
    ...(output !== undefined && { output: { place: 'beside this report', directory: output } }),
    ...(spec.repository !== undefined && {
      diffs: () => resultDiffs(join(claim.directories.repository, REPOSITORY.result)),
    }),
  };
}

const STATES: Readonly<Record<AgentLive['phase'], StepState>> = {
  waiting: 'skipped',
  absent: 'skipped',
  running: 'failed',
  completed: 'done',
  failed: 'failed',
  stopped: 'failed',
};

function stepsOf(
  { members, onComplete }: FinishSpec,
  live: TeamLive,
  delivery: Delivery | undefined,
): readonly StepDetail[] {
  const byName = new Map(members.map((member) => [member.name, member]));
  const levelOf = (member: MemberSpec, seen: readonly string[] = []): number =>
    Math.max(
      -1,
      ...member.dependsOn.flatMap((name) => {
        const before = byName.get(name);
        return before === undefined || seen.includes(name)
          ? []
          : levelOf(before, [...seen, member.name]);
      }),
    ) + 1;
  const agents = members.map((member): StepDetail => {
    const figures = live.agents.find(({ name }) => name === member.name);
    return {
      name: stepOfAgent(member.name),
      title: member.role === 'lead' ? 'lead' : member.name,
      kind: 'agent',
      agent: member.name,
      dependsOn: member.dependsOn,
      level: levelOf(member),
      state: STATES[figures?.phase ?? 'absent'],
      attempts: (figures?.restarts ?? 0) + 1,
      ...(figures?.startedAt !== undefined && { startedAt: figures.startedAt }),
      ...(figures?.endedAt !== undefined && { endedAt: figures.endedAt }),
    };
  });
  if (!delivers(onComplete)) return agents;
  return [
    ...agents,
    {
      name: STEPS.deliver,
      title: STEPS.deliver,
      kind: 'deliver',
      dependsOn: agents.map(({ name }) => name),
      level: Math.max(...agents.map(({ level }) => level)) + 1,
      state: delivery === undefined ? 'skipped' : 'done',
      attempts: 1,
    },
  ];
}
