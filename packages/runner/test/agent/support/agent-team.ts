import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AgentSpec,
  type AgentState,
  type FetchedSpec,
  type GatewaySpec,
  LEAD,
  type MemberSpec,
  PATHS,
  type RepositoryRef,
  type SetupSpec,
  VOLUME,
  worktreeOf,
} from '@agentteam/contract';
import {
  type AgentScript,
  type Rehearsal,
  type SeenRequest,
  startRehearsal,
  type ToolCall,
} from '@agentteam/rehearsal';
import {
  type Mail,
  type NativeTeam,
  readAgentState,
  readInbox,
  readRoster,
  sendMail,
  waitInDirectory,
  writeAgentState,
} from '@agentteam/volume';
import { findTranscript } from '../../../src/agent/claude-code/transcript.ts';
import { setupCommand } from '../../../src/setup/command.ts';
import { makePlace, never, type Place, withSpec } from '../../support/team.ts';
import type { Image } from './image.ts';
import { Pod } from './pod.ts';

const TEAM = 'crew';

export interface AgentTeamOptions {
  readonly script: Readonly<Record<string, AgentScript>>;
  /** By name, the agents that each teammate depends on. Default: one teammate `mate` without dependencies. */
  readonly teammates?: Readonly<Record<string, readonly string[]>>;
  readonly repository?: RepositoryRef;
  /** What setup fetches. */
  readonly fetched?: readonly FetchedSpec[];
}

export interface StartOptions {
  readonly attempt?: number;
  readonly agent?: Partial<AgentSpec>;
  readonly gateway?: Partial<GatewaySpec>;
  readonly mounts?: Readonly<Record<string, string>>;
  /** The runner's program, for another agent CLI. */
  readonly main?: string;
  readonly image?: Image;
}

/** A team with the real setup. Its agents are started one by one, and play a script. */
export class AgentTeam {
  readonly place: Place;
  readonly native: NativeTeam;
  readonly seen: SeenRequest[] = [];
  readonly #members: readonly MemberSpec[];
  readonly #repository: { readonly repository?: RepositoryRef };
  readonly #pods: Pod[] = [];
  #rehearsal: Rehearsal | undefined;
  #look: () => void = () => {};

  private constructor(place: Place, setup: SetupSpec) {
    this.place = place;
    const at = (name: string): string => join(place.volume, name);
    this.native = { team: TEAM, teams: at(VOLUME.teams), tasks: at(VOLUME.tasks) };
    this.#members = setup.members;
    this.#repository = setup.repository === undefined ? {} : { repository: setup.repository };
  }

  static async make(options: AgentTeamOptions): Promise<AgentTeam> {
    const { script, teammates = { mate: [] }, repository, fetched = [] } = options;
    const place = await makePlace();
    const member = (name: string, dependsOn: readonly string[]): MemberSpec => ({
      name,
      role: name === LEAD ? 'lead' : 'teammate',
      model: 'sonnet',
      prompt: `Do the part of ${name}.`,
      dependsOn,
      cwd: repository === undefined ? PATHS.work : worktreeOf(name, repository.worktreeStrategy),
    });
    const members = Object.entries({ [LEAD]: [], ...teammates }).map(([name, dependsOn]) =>
      member(name, dependsOn),
    );
    const part = repository === undefined ? {} : { repository };
    const setup: SetupSpec = { team: TEAM, namespace: 'test', members, fetched, ...part };
    const exitCode = await setupCommand(withSpec(place, setup), [], never);
    if (exitCode !== 0) throw new Error(`setup exited with code ${exitCode}`);
    const team = new AgentTeam(place, setup);
    team.#rehearsal = await startRehearsal({
      script: { agents: script },
      onRequest: (seen) => {
        team.seen.push(seen);
        team.#look();
      },
    });
    return team;
  }

  /** The spec of the team for setup and for the agents' runners. */
  get spec(): SetupSpec {
    return { team: TEAM, namespace: 'test', members: this.#members, ...this.#repository };
  }

  async start(name: string, options: StartOptions = {}): Promise<Pod> {
    const member = this.#members.find((member) => member.name === name);
    if (member === undefined) throw new Error(`unknown agent ${name}`);
    const { attempt = 0, mounts = {}, main, image } = options;
    const pod = await Pod.start({
      pods: join(this.place.directory, 'pods'),
      volume: this.place.volume,
      mounts,
      agent: {
        ...member,
        ...this.#repository,
        work: '',
        team: TEAM,
        namespace: 'test',
        permissionMode: 'auto-accept',
        members: this.#members,
        inputs: [],
        skills: [],
        mcpServers: [],
        maxRestarts: 3,
        ...options.agent,
      },
      gateway: {
        team: TEAM,
        namespace: 'test',
        agent: name,
        onLimit: 'finish',
        onProviderLimit: 'wait',
        model: member.model,
        mcpServers: [],
        record: false,
        progress: true,
        ...options.gateway,
      },
      upstream: `${this.#rehearsal?.url}/${name}`,
      attempt,
      ...(main !== undefined && { main }),
      ...(image !== undefined && { image }),
    });
    this.#pods.push(pod);
    return pod;
  }

  /** Waits for the first request that matches; it may be in the past. */
  async request(condition: (seen: SeenRequest) => boolean): Promise<SeenRequest> {
    for (;;) {
      const found = this.seen.find(condition);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }

  send(from: string, to: string, text: string): Promise<Mail> {
    return sendMail(this.native, to, { from, text });
  }

  inbox(agent: string): Promise<readonly Mail[]> {
    return readInbox(this.native, agent);
  }

  state(agent: string): Promise<AgentState | undefined> {
    return readAgentState(join(this.place.volume, VOLUME.state), agent);
  }

  /** Writes the final state of an agent, as its runner does. */
  async endsWith(agent: string, state: Partial<AgentState>): Promise<void> {
    await writeAgentState(join(this.place.volume, VOLUME.state, agent), {
      name: agent,
      phase: 'completed',
      attempt: 0,
      sessionId: 's',
      startedAt: new Date().toISOString(),
      turns: 1,
      ...state,
    });
  }

  /** For each name in the roster, whether the agent is in a turn. */
  async roster(): Promise<Readonly<Record<string, boolean | undefined>>> {
    const { members = [] } = (await readRoster(this.native)) ?? {};
    return Object.fromEntries(members.map(({ name, isActive }) => [name, isActive]));
  }

  /** Resolves when the roster says that an agent is in a turn. */
  async active(agent: string): Promise<void> {
    const isActive = async () => (await this.roster())[agent] || undefined;
    await waitInDirectory(join(this.native.teams, TEAM), isActive, { signal: never });
  }

  /** An agent's working directory in Cowork mode. */
  work(agent: string): string {
    return join(this.place.volume, VOLUME.work, agent);
  }

  /** Resolves when an agent is busy in {@link HOLD}. */
  async busy(agent: string): Promise<void> {
    const directory = this.work(agent);
    const files = async (): Promise<true | undefined> =>
      (await readdir(directory)).includes('busy') || undefined;
    await waitInDirectory(directory, files, { signal: never });
  }

  /** Resolves when an agent's CLI has queued a message, which the agent reads after the next tool result. */
  async queued(agent: string, words: string): Promise<void> {
    const { sessionId = '' } = (await this.state(agent)) ?? {};
    const projects = join(this.place.volume, VOLUME.sessions, agent, 'projects');
    const read = async (): Promise<true | undefined> => {
      const transcript = await findTranscript(projects, sessionId);
      const lines = transcript ? (await readFile(transcript, 'utf8')).split('\n') : [];
      const isIt = (line: string) => line.includes('"enqueue"') && line.includes(words);
      return lines.some(isIt) || undefined;
    };
    // Transcripts are one level deeper, in a directory that may not exist yet.
    await waitInDirectory(projects, read, { signal: never, pollMs: 50 });
  }

  /** Path of an agent's transcript, which exists. */
  async transcript(agent: string): Promise<string> {
    const { sessionId = '' } = (await this.state(agent)) ?? {};
    const projects = join(this.place.volume, VOLUME.sessions, agent, 'projects');
    const found = await findTranscript(projects, sessionId);
    if (found === undefined) throw new Error(`${agent} has no transcript`);
    return found;
  }

  /** Ends {@link HOLD} of an agent. */
  async release(agent: string): Promise<void> {
    await writeFile(join(this.work(agent), 'go'), '');
  }

  async remove(): Promise<void> {
    for (const pod of this.#pods) await pod.remove();
    await this.#rehearsal?.close();
    await rm(this.place.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A call that keeps the agent busy until {@link AgentTeam.release}. */
export const HOLD = {
  name: 'Bash',
  input: { command: 'echo x > busy; until [ -e go ]; do sleep 0.1; done; echo went on' },
};

/** A call of the report tool. Default: the outcome is completed. */
export function report(input: Readonly<Record<string, unknown>> = {}): ToolCall {
  return { name: 'report', input: { outcome: 'completed', summary: 'Done.', ...input } };
}

/** Reports the outcome completed. */
export const REPORT: ToolCall = report();

/** Completes the first task of the team, which belongs to the first teammate. */
export const COMPLETE = { name: 'TaskUpdate', input: { taskId: '1', status: 'completed' } };
