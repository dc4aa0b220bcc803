import type { AgentTeam } from '@agentteam/api';
import { PATHS } from '@agentteam/contract';
import type { Problem } from '../../problem.ts';
import { environmentsOf } from '../environment/environment.ts';
import { inside } from '../environment/mounts.ts';
import { nearest } from '../nearest.ts';
import { type Effective, effectiveEnvironments, once } from './environments.ts';

/** An absolute path of plain names: no `..`, and no character that Argo or a shell would interpret. */
const ABSOLUTE = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._@+-]+)+$/;
const RELATIVE = /^(?!\.{1,2}(\/|$))[A-Za-z0-9._@+-]+(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._@+-]+)*$/;

/** Directories that the runtime, Argo or the kernel uses: a mount may be neither above, at nor below them. */
const OURS = [
  PATHS.home,
  PATHS.repository,
  PATHS.work,
  PATHS.cache,
  '/var/lib/agentteam',
  '/etc/agentteam',
  // The runtime and the kubelet write these.
  '/etc/passwd',
  '/etc/group',
  '/etc/hosts',
  '/etc/resolv.conf',
  '/opt/agentteam',
  '/usr/local/bin',
  '/usr/local/lib/agentteam',
  // Argo's directory, the gateway's, and Secrets: /var/run is a link to /run in most images.
  '/run',
  '/var/run',
  '/tmp',
  '/dev',
  '/proc',
  '/sys',
];

/** Directories with the programs of the image: a mount may be below them, but not hide them. */
const SYSTEM = ['/bin', '/sbin', '/lib', '/lib64', '/usr/bin', '/usr/sbin', '/usr/lib'];

/** Checks where an agent mounts its volumes. */
export function checkOwnMounts(team: AgentTeam): readonly Problem[] {
  return [...checkPaths(team), ...once(effectiveEnvironments(team).flatMap(checkMerged(team)))];
}

function checkPaths(team: AgentTeam): readonly Problem[] {
  return environmentsOf(team).flatMap(({ environment, path }) =>
    (environment.mounts ?? []).flatMap(({ mountPath, subPath }, index) => [
      ...checkMountPath(mountPath, [...path, 'mounts', index, 'mountPath']),
      ...(subPath === undefined || RELATIVE.test(subPath)
        ? []
        : [
            {
              code: 'bad-mount-path',
              path: [...path, 'mounts', index, 'subPath'],
              message: `\`${subPath}\` is not a path inside a volume`,
              hint: 'use names separated by slashes, without a slash in front and without `..`',
            },
          ]),
    ]),
  );
}

function checkMountPath(mountPath: string, path: Problem['path']): readonly Problem[] {
  if (!ABSOLUTE.test(mountPath)) {
    const message = `\`${mountPath}\` is not a valid path for a mount`;
    const hint = 'use an absolute path with letters, digits, dots, hyphens and underscores: /data';
    return [{ code: 'bad-mount-path', path, message, hint }];
  }
  const taken =
    OURS.find((own) => inside(mountPath, own) || inside(own, mountPath)) ??
    SYSTEM.find((own) => inside(own, mountPath));
  if (taken === undefined) return [];
  return [
    {
      code: 'overlapping-mounts',
      path,
      message: `\`${mountPath}\` would hide \`${taken}\`, which the agent's container needs`,
      hint: 'mount it in a directory of its own, such as /data or /workspace/data',
    },
  ];
}

/** Checks the mounts of one agent against its volumes and against each other. */
function checkMerged(team: AgentTeam) {
  const { inputs = [], output } = team.spec.workspace ?? {};
  const workspace = [...inputs, ...(output === undefined ? [] : [output])];
  return ({ environment, pathOf }: Effective): readonly Problem[] => {
    const { mounts = [], volumes = [] } = environment;
    const names = volumes.map(({ name }) => name);
    return mounts.flatMap((mount, index): readonly Problem[] => {
      const path = pathOf('mounts', mount);
      const earlier = [...workspace, ...mounts.slice(0, index)];
      const other = earlier.find(
        ({ mountPath }) => inside(mount.mountPath, mountPath) || inside(mountPath, mount.mountPath),
      );
      return [
        ...(names.includes(mount.name) ? [] : [unknownVolume(mount.name, names, path)]),
        ...(other === undefined
          ? []
          : [
              {
                code: 'overlapping-mounts',
                path: [...path, 'mountPath'],
                message: `\`${mount.mountPath}\` overlaps with \`${other.mountPath}\``,
                hint: 'mount it in a directory of its own',
              },
            ]),
      ];
    });
  };
}

function unknownVolume(name: string, names: readonly string[], path: Problem['path']): Problem {
  const guess = nearest(name, names);
  const known = names.length === 0 ? 'there are no volumes' : `the volumes are ${names.join(', ')}`;
  return {
    code: 'unknown-volume',
    path: [...path, 'name'],
    message: `there is no volume \`${name}\` in this agent's environment`,
    hint:
      guess === undefined
        ? `${known}; add it to environment.volumes`
        : `did you mean \`${guess}\`?`,
  };
}
