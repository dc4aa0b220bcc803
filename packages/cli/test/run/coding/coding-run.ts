import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { agentteam, type Outcome } from '../../commands/agentteam.ts';

export interface CodingTeam {
  /** Initial files of the repository by path. */
  readonly files: Readonly<Record<string, string>>;
  /** YAML for the `spec` of the team: `teammates`, `qualityGates`. */
  readonly spec: string;
  /** Further fields of `repository`, in YAML flow style. */
  readonly repository?: string;
  /** Fields of `lifecycle`, in YAML flow style. */
  readonly lifecycle?: string;
  /** YAML for the `agents` of the rehearsal script. */
  readonly agents: string;
}

/** Name of the team and of its run. */
const TEAM = 'crew';

/** A rehearsed run of a coding team, with real agents and real git. */
export class CodingRun {
  readonly cwd: string;
  readonly outcome: Outcome;

  readonly #env: Readonly<Record<string, string>>;

  readonly #user: number | undefined;

  private constructor(
    cwd: string,
    env: Readonly<Record<string, string>>,
    user: number | undefined,
    outcome: Outcome,
  ) {
    this.cwd = cwd;
    this.#env = env;
    this.#user = user;
    this.outcome = outcome;
  }

  /**
   * Runs the team until it has ended.
   * @param options further options of `agentteam run`.
   * @param env environment variables of `agentteam`.
   * @param user the user who runs it, if root runs the test.
   */
  static async start(
    cwd: string,
    { files, spec, repository = '', lifecycle = 'onComplete: create-pr', agents }: CodingTeam,
    options: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
    user?: number,
  ): Promise<CodingRun> {
    await mkdir(join(cwd, 'repository'));
    for (const [path, text] of Object.entries(files)) {
      await writeFile(join(cwd, 'repository', path), text);
    }
    const team = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: ${TEAM}, namespace: dev }
spec:
  repository: { url: "https://git.example.com/acme/backend.git", credentialsSecret: git${repository && `, ${repository}`} }
  lead: { model: haiku, prompt: Coordinate. }
  lifecycle: { ${lifecycle} }
${indented(spec)}`;
    await writeFile(join(cwd, 'team.yaml'), team);
    await writeFile(join(cwd, 'rehearsal.yaml'), `agents:\n${indented(agents)}`);
    const args = ['run', 'team.yaml', '--rehearse', '--keep', ...options];
    if (user !== undefined) {
      for (const path of [dirname(cwd), cwd]) await chmod(path, 0o755);
      await execa('chown', ['-R', `${user}:${user}`, cwd]);
    }
    return new CodingRun(cwd, env, user, await agentteam(args, cwd, env, user));
  }

  /** The directory of the run. */
  get run(): string {
    return join(this.cwd, '.agentteam', TEAM);
  }

  /** The repository that the result is pushed to. */
  get remote(): string {
    return join(this.run, 'remote/acme/backend.git');
  }

  /** The repository that the last step creates. */
  get result(): string {
    return join(this.run, 'volumes/team/repository/result.git');
  }

  tree(agent: string): string {
    return join(this.run, 'volumes/team/repository/trees', agent);
  }

  /** Runs another command on the run. */
  next(verb: string, ...args: readonly string[]): Promise<Outcome> {
    return agentteam([verb, TEAM, ...args], this.cwd, this.#env, this.#user);
  }

  /** The messages that an agent received, from its transcript. */
  async messagesTo(agent: string): Promise<string> {
    const projects = join(this.run, 'volumes/team/sessions', agent, 'projects');
    const files = await readdir(projects, { recursive: true });
    const texts = await Promise.all(
      files
        .filter((name) => name.endsWith('.jsonl'))
        .map((name) => readFile(join(projects, name), 'utf8')),
    );
    return texts
      .flatMap((text) => text.split('\n').filter(Boolean))
      .map((line) => (JSON.parse(line) as Line).message)
      .filter((message) => message?.role === 'user')
      .map((message) => textOf(message?.content))
      .join('\n');
  }
}

interface Line {
  readonly message?: { readonly role?: string; readonly content?: unknown };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const blocks = Array.isArray(content) ? (content as readonly { readonly text?: string }[]) : [];
  return blocks.flatMap(({ text }) => text ?? []).join('\n');
}

function indented(yaml: string): string {
  return yaml.trim().replace(/^(?=.)/gm, '  ');
}

/** Runs git. @returns its output. */
export async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  return (await execa('git', args, { cwd })).stdout;
}

/** A call of the report tool. */
export const REPORT = '{ name: report, input: { outcome: completed, summary: Done. } }';

/** Script of a lead that waits until all teammates have ended, and then reports. */
export const WAITING_LEAD = `
team-lead:
  turns:
    - { text: I wait. }
    - { until: { ended: true }, tools: [${REPORT}] }
    - { text: It is merged. }
`;

/** Two turns of a script: a shell command and a text. */
export function does(command: string, text: string): string {
  const call = `{ name: Bash, input: { command: ${JSON.stringify(command)} } }`;
  return `    - { tools: [${call}] }\n    - { text: ${JSON.stringify(text)} }\n`;
}

/** Script of a teammate that runs a shell command and completes its task. */
export function mate(name: string, command: string, more = ''): string {
  const calls = [
    `{ name: Bash, input: { command: ${JSON.stringify(command)} } }`,
    '{ name: TaskList }',
  ];
  const complete = `{ name: TaskUpdate, input: { taskId: "\${task.${name}}", status: completed } }`;
  return `${name}:\n  turns:\n    - { tools: [${calls.join(', ')}] }\n    - { tools: [${complete}, ${REPORT}] }\n    - { text: Done. }\n${more}`;
}
