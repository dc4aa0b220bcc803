import type { AgentTeam } from '@agentteam/api';
import { PATHS } from '@agentteam/contract';
import type { Problem } from '../problem.ts';

const ROOT = '/workspace';
/** One or more plain names below it. No `..`, and nothing that Argo or a shell would read as its own. */
const BELOW_ROOT = /^\/workspace(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)+\/?$/;
/** Directories below it that are ours. */
const OURS = [PATHS.repository, PATHS.work, PATHS.cache];

/** Inputs and output lie below /workspace, and none inside another. */
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
          message: `\`${mountPath}\` does not lie below ${ROOT}`,
          hint: `write it as ${ROOT}/data: letters, digits, dots, dashes and underscores`,
        },
      ];
    }
    const earlier = [...OURS, ...mounts.slice(0, index).map((mount) => mount.mountPath)];
    const other = earlier.find((taken) => inside(mountPath, taken) || inside(taken, mountPath));
    if (other === undefined) return [];
    return [
      {
        code: 'overlapping-mounts',
        path,
        message: `\`${mountPath}\` and \`${other}\` lie inside each other`,
        hint: 'give each its own directory',
      },
    ];
  });
}

function inside(path: string, directory: string): boolean {
  const clean = directory.replace(/\/$/, '');
  return path === clean || path.startsWith(`${clean}/`);
}
