import type { AgentTeam } from '@agentteam/api';
import { ARGO_DIRECTORY, PORTS, parseDuration, RESERVED_CONTAINERS } from '@agentteam/contract';
import { type Problem, pathText } from '../../problem.ts';
import type { Sidecar } from '../../resolve/environment.ts';
import { agentsOf } from '../agents.ts';

interface Located {
  readonly sidecar: Sidecar;
  readonly path: Problem['path'];
}

/** Checks the sidecars of the team's environment and of each agent's. */
export function checkSidecars(team: AgentTeam): readonly Problem[] {
  const common = locate(team.spec.environment?.sidecars, ['spec']);
  const lists = [
    common,
    ...agentsOf(team).map(({ agent, path }) => locate(agent.environment?.sidecars, path)),
  ];
  const reserved = new Map([
    [PORTS.gateway, "the agent's gateway"],
    [team.spec.observability?.metrics?.port ?? PORTS.status, "the gateway's metrics"],
  ]);
  // Only agents have pods. A sidecar of the team is in several of them.
  const pods = agentsOf(team).map(({ agent, path }) => {
    const own = locate(agent.environment?.sidecars, path);
    const names = new Set(own.map(({ sidecar }) => sidecar.name));
    return [...common.filter(({ sidecar }) => !names.has(sidecar.name)), ...own];
  });
  return unique([
    ...lists.flatMap(repeatedNames),
    ...lists.flat().flatMap(checkSidecar),
    ...pods.flatMap((sidecars) => checkPorts(sidecars, reserved)),
  ]);
}

function locate(sidecars: readonly Sidecar[] = [], owner: Problem['path']): readonly Located[] {
  return sidecars.map((sidecar, index) => ({
    sidecar,
    path: [...owner, 'environment', 'sidecars', index],
  }));
}

function unique(problems: readonly Problem[]): readonly Problem[] {
  const keyOf = ({ path, message }: Problem): string => `${pathText(path)} ${message}`;
  return [...new Map(problems.map((problem) => [keyOf(problem), problem])).values()];
}

function repeatedNames(list: readonly Located[]): readonly Problem[] {
  return list.flatMap(({ sidecar: { name }, path }, index) =>
    list.findIndex(({ sidecar }) => sidecar.name === name) === index
      ? []
      : [
          {
            code: 'repeated-name',
            path: [...path, 'name'],
            message: `\`${name}\` is listed twice`,
            hint: 'remove or rename one of them',
          },
        ],
  );
}

function checkSidecar({ sidecar, path }: Located): readonly Problem[] {
  return [
    ...checkName(sidecar, path),
    ...checkReadiness(sidecar, path),
    ...checkWritable(sidecar, path),
    ...checkText(sidecar, path),
  ];
}

function checkName({ name }: Sidecar, path: Problem['path']): readonly Problem[] {
  if (!RESERVED_CONTAINERS.includes(name)) return [];
  return [
    {
      code: 'reserved-name',
      path: [...path, 'name'],
      message: `no sidecar can have the name \`${name}\``,
      hint: `choose a name other than ${RESERVED_CONTAINERS.join(', ')}`,
    },
  ];
}

function checkReadiness(
  { readiness, ports = [] }: Sidecar,
  path: Problem['path'],
): readonly Problem[] {
  if (readiness === undefined) return [];
  const { tcp, http, timeout } = readiness;
  const problems: Problem[] = [];
  const port = tcp ?? http?.port;
  if (port !== undefined && !ports.includes(port)) {
    problems.push({
      code: 'unknown-port',
      path: [...path, 'readiness', ...(tcp === undefined ? ['http', 'port'] : ['tcp'])],
      message: `the sidecar does not list the port ${port}`,
      hint:
        ports.length === 0
          ? `add ports: [${port}]`
          : `its ports are ${ports.join(', ')}; use one of them, or add ${port}`,
    });
  }
  if (parseDuration(timeout) === undefined) {
    problems.push({
      code: 'bad-duration',
      path: [...path, 'readiness', 'timeout'],
      message: `\`${timeout}\` is not a duration greater than zero`,
      hint: 'for example: 45s, 90m, 1h30m, 4h, 2d',
    });
  }
  return problems;
}

/** Directories of the system, which an empty directory would hide, and Argo's own. */
const SYSTEM = ['/proc', '/sys', '/dev', '/etc', '/usr', '/bin', '/lib', ARGO_DIRECTORY.path];

function checkWritable({ writable = [] }: Sidecar, path: Problem['path']): readonly Problem[] {
  return writable.flatMap((directory, index): readonly Problem[] => {
    const at = [...path, 'writable', index];
    if (
      directory
        .split('/')
        .slice(1)
        .some((name) => ['', '.', '..'].includes(name))
    ) {
      return [
        {
          code: 'bad-mount-path',
          path: at,
          message: `\`${directory}\` is not a plain absolute path`,
          hint: 'write it without `.`, `..`, `//` and a slash at the end, for example /var/lib/data',
        },
      ];
    }
    const taken = [...SYSTEM, ...writable.slice(0, index)];
    const other = taken.find((place) => isBelow(directory, place) || isBelow(place, directory));
    if (other === undefined) return [];
    return [
      {
        code: 'overlapping-mounts',
        path: at,
        message: `\`${directory}\` overlaps with \`${other}\``,
        hint: 'name a directory for data only, such as /var/lib/data',
      },
    ];
  });
}

function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/** Argo would replace `{{…}}`, or refuse the Workflow. */
function checkText(
  { image, command = [], args = [], env = [] }: Sidecar,
  path: Problem['path'],
): readonly Problem[] {
  const texts = [
    { text: image, at: ['image'] },
    ...command.map((text, index) => ({ text, at: ['command', index] })),
    ...args.map((text, index) => ({ text, at: ['args', index] })),
    ...env.map(({ value }, index) => ({ text: value, at: ['env', index, 'value'] })),
  ];
  return texts
    .filter(({ text }) => text.includes('{{'))
    .map(({ at }) => ({
      code: 'wrong-form',
      path: [...path, ...at],
      message: 'Argo would replace the text between `{{` and `}}`',
      hint: 'separate the two braces, or set the value in a file of the image',
    }));
}

function checkPorts(
  sidecars: readonly Located[],
  reserved: ReadonlyMap<number, string>,
): readonly Problem[] {
  if (sidecars.length === 0) return [];
  const owners = new Map(reserved);
  return sidecars.flatMap(({ sidecar: { name, ports = [] }, path }) =>
    ports.flatMap((port, index): readonly Problem[] => {
      const owner = owners.get(port);
      owners.set(port, owner ?? `the sidecar \`${name}\``);
      if (owner === undefined) return [];
      return [
        {
          code: 'port-in-use',
          path: [...path, 'ports', index],
          message: `the port ${port} belongs to ${owner}, and all containers of a pod share one loopback`,
          hint: 'let the sidecar serve another port',
        },
      ];
    }),
  );
}
