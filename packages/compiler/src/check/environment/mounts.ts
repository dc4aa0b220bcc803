import type { AgentTeam } from '@agentteam/api';
import { PATHS } from '@agentteam/contract';
import type { Problem } from '../../problem.ts';

const ROOT = '/workspace';
/** One or more plain names below `/workspace`: no `..`, and no character that Argo or a shell would interpret. */
const BELOW_ROOT = /^\/workspace(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)+\/?$/;
/** Directories below `/workspace` that the team itself uses. */
const RESERVED = [PATHS.repository, PATHS.work, PATHS.cache];

/** Checks that inputs and output are mounted below /workspace, none of them inside another. */
export function checkMounts(team: AgentTeam): readonly Problem[] {
  const { inputs = [], output } = team.spec.workspace ?? {};
  const mounts = [
    ...inputs.map(({ mountPath }, index) => ({
      mountPath,
      path: ['spec', 'workspace', 'inputs', index, 'mountPath'],
    })),
    ...(output === undefined
      ? []
      : [{ mountPath: output.mountPath, path: ['spec', 'workspace', 'output', 'mountPath'] }]),
  ];
  return mounts.flatMap(({ mountPath, path }, index): readonly Problem[] => {
    if (!BELOW_ROOT.test(mountPath)) {
      return [
        {
          code: 'bad-mount-path',
          path,
          message: `\`${mountPath}\` is not a valid path below ${ROOT}`,
          hint: `use letters, digits, dots, hyphens and underscores, for example ${ROOT}/data`,
        },
      ];
    }
    const earlier = [...RESERVED, ...mounts.slice(0, index).map((mount) => mount.mountPath)];
    const other = earlier.find((taken) => inside(mountPath, taken) || inside(taken, mountPath));
    if (other === undefined) return [];
    return [
      {
        code: 'overlapping-mounts',
        path,
        message: `\`${mountPath}\` overlaps with \`${other}\``,
        hint: 'mount it in a directory of its own',
      },
    ];
  });
}

/** Whether a path is a directory or below it. */
export function inside(path: string, directory: string): boolean {
  const clean = directory.replace(/\/$/, '');
  return path === clean || path.startsWith(`${clean}/`);
}
