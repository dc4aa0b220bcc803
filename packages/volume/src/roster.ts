import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isRecord, LEAD, type Notice } from '@agentteam/contract';
import { LIMITS } from './file/limits.ts';
import { type HeldLock, withLock } from './file/lock.ts';
import { isSafeName } from './file/name.ts';
import { inCreatedDirectory, inDirectory } from './file/open-directory.ts';
import { readJsonOfAgent, refusalOf } from './file/read.ts';
import { replaceJson } from './file/write.ts';
import { inboxDirectory, type NativeTeam, nativeName, rosterFile } from './native-team.ts';

/** A member as Claude Code writes it. Mail to a name that is not in the roster is refused. */
export interface Member {
  /** `<name>@<team>` */
  readonly agentId: string;
  readonly name: string;
  readonly color?: string;
  /** `team-lead` or `general-purpose`. */
  readonly agentType?: string;
  readonly model?: string;
  readonly prompt?: string;
  readonly planModeRequired?: boolean;
  /** Milliseconds since 1970. */
  readonly joinedAt?: number;
  readonly tmuxPaneId?: string;
  readonly cwd?: string;
  readonly subscriptions?: readonly string[];
  readonly backendType?: string;
  /** Whether the member is in a turn. */
  readonly isActive?: boolean;
}

export interface Roster {
  readonly name: string;
  readonly createdAt: number;
  readonly leadAgentId: string;
  readonly leadSessionId: string;
  readonly members: readonly Member[];
}

/** Claude Code's colours for teammates, in the order in which it assigns them. */
const COLORS = ['blue', 'green', 'yellow', 'purple', 'orange', 'pink', 'cyan', 'red'];

export interface NewMember {
  readonly name: string;
  readonly model: string;
  readonly prompt: string;
  readonly cwd: string;
}

/**
 * Makes the roster entry of a new member.
 * @param joinedAt milliseconds since 1970.
 * @param index the member's position among the teammates, from 0.
 */
export function newMember(team: string, member: NewMember, joinedAt: number, index = 0): Member {
  const { name, model, prompt, cwd } = member;
  const identity = { agentId: `${name}@${nativeName(team)}`, name };
  if (name === LEAD) {
    return {
      ...identity,
      agentType: LEAD,
      joinedAt,
      tmuxPaneId: 'leader',
      cwd,
      subscriptions: [],
      backendType: 'in-process',
    };
  }
  return {
    ...identity,
    color: COLORS[index % COLORS.length] ?? 'blue',
    joinedAt,
    tmuxPaneId: `%${index + 1}`,
    subscriptions: [],
    agentType: 'general-purpose',
    model,
    prompt,
    planModeRequired: false,
    cwd,
    backendType: 'tmux',
    isActive: false,
  };
}

/**
 * Creates the team's directories and roster. An existing roster does not change, because a retried step
 * must not remove members that have joined.
 * @returns whether this call created the roster.
 */
export async function createRoster(at: NativeTeam, roster: Roster): Promise<boolean> {
  await mkdir(inboxDirectory(at), { recursive: true });
  return changeRoster(at, async (file, lock) => {
    if ((await readRoster(at)) !== undefined) return false;
    lock.assertHeld();
    await replaceJson(file, roster);
    return true;
  });
}

/** @returns `undefined` without a readable roster. Members without a usable name are skipped. */
export async function readRoster(at: NativeTeam): Promise<Roster | undefined> {
  return (await readTeamRoster(at)).roster;
}

export interface ReadRoster {
  readonly roster?: Roster;
  readonly notices: readonly Notice[];
}

/** Like {@link readRoster}, with a notice if the roster is not readable. */
export async function readTeamRoster(at: NativeTeam): Promise<ReadRoster> {
  const reading = await inDirectory(at.teams, [nativeName(at.team)], (path) =>
    readJsonOfAgent(join(path, basename(rosterFile(at))), LIMITS.rosterBytes),
  ).catch(refusalOf);
  if (reading === undefined || 'missing' in reading) return { notices: [] };
  const roster = 'value' in reading ? toRoster(reading.value) : undefined;
  if (roster !== undefined) return { roster, notices: [] };
  const place = `teams/${nativeName(at.team)}/config.json`;
  const why = 'refused' in reading ? reading.refused : 'is not a roster';
  return { notices: [{ place, message: `${place} ${why} and was not read.` }] };
}

/** Keeps the fields that only Claude Code knows, and gives the others their types. */
function toRoster(value: unknown): Roster | undefined {
  if (!isRecord(value) || !Array.isArray(value['members'])) return undefined;
  const { createdAt, name, leadAgentId, leadSessionId } = value;
  return {
    ...value,
    name: textOr(name, ''),
    createdAt: typeof createdAt === 'number' ? createdAt : 0,
    leadAgentId: textOr(leadAgentId, ''),
    leadSessionId: textOr(leadSessionId, ''),
    members: value['members'].filter(isMember),
  };
}

function textOr(value: unknown, other: string): string {
  return typeof value === 'string' ? value : other;
}

/** Adds a member, or updates the member of the same name. */
export async function addMember(at: NativeTeam, member: Member): Promise<boolean> {
  return changeMembers(at, (members) => {
    const others = members.filter(({ name }) => name !== member.name);
    return others.length === members.length
      ? [...members, member]
      : members.map((old) => (old.name === member.name ? { ...old, ...member } : old));
  });
}

export async function removeMember(at: NativeTeam, name: string): Promise<boolean> {
  return changeMembers(at, (members) => members.filter((member) => member.name !== name));
}

/** Changes fields of one member, for example `isActive`. It does not add a member. */
export async function updateMember(
  at: NativeTeam,
  name: string,
  patch: Partial<Member>,
): Promise<boolean> {
  return changeMembers(at, (members) =>
    members.map((member) => (member.name === name ? { ...member, ...patch } : member)),
  );
}

/** @returns false without a roster to change. */
async function changeMembers(
  at: NativeTeam,
  change: (members: readonly Member[]) => readonly Member[],
): Promise<boolean> {
  return changeRoster(at, async (file, lock) => {
    const roster = await readRoster(at);
    if (roster === undefined) return false;
    const members = change(roster.members);
    lock.assertHeld();
    await replaceJson(file, { ...roster, members });
    return true;
  });
}

function changeRoster<T>(
  at: NativeTeam,
  work: (file: string, lock: HeldLock) => Promise<T>,
): Promise<T> {
  return inCreatedDirectory(at.teams, [nativeName(at.team)], (path) => {
    const file = join(path, basename(rosterFile(at)));
    return withLock(file, (lock) => work(file, lock));
  });
}

function isMember(value: unknown): value is Member {
  return isRecord(value) && isSafeName(value['name']) && typeof value['agentId'] === 'string';
}
