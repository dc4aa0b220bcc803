import { type Finding, failed, ok, unknown } from './finding.ts';

const CHECK = 'api server';
/** The first release that enables native sidecars by default. Gateways are native sidecars. */
const OLDEST = [1, 29] as const;

/** Checks that the release of Kubernetes can run a team's pods. */
export function examineKubernetes(server: string, gitVersion: string): Finding {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  if (major === undefined || minor === undefined) {
    return unknown(CHECK, `${server} has the unknown version ${gitVersion}`);
  }
  const [oldestMajor, oldestMinor] = OLDEST;
  const isOld =
    Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor);
  if (!isOld) return ok(CHECK, `${server}, ${gitVersion}`);
  return failed(
    CHECK,
    `${server} has version ${gitVersion}, but gateways are native sidecars, which need ${OLDEST.join('.')}`,
    `Upgrade the cluster to Kubernetes ${OLDEST.join('.')} or later.`,
  );
}
