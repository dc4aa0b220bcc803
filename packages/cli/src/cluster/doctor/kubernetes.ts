import { type Finding, failed, ok, unknown } from './finding.ts';

const CHECK = 'api server';
/** The first release that runs native sidecars without a feature gate; gateways are such. */
const OLDEST = [1, 29] as const;

/** Whether the cluster's Kubernetes can run a team's pods. */
export function examineKubernetes(server: string, gitVersion: string): Finding {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  if (major === undefined || minor === undefined) {
    return unknown(CHECK, `${server}, of no known version: ${gitVersion}`);
  }
  const [oldestMajor, oldestMinor] = OLDEST;
  const isOld =
    Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor);
  if (!isOld) return ok(CHECK, `${server}, ${gitVersion}`);
  return failed(
    CHECK,
    `${server}, ${gitVersion}: an agent's gateway is a native sidecar, which Kubernetes has since ${OLDEST.join('.')}`,
    `Upgrade the cluster to Kubernetes ${OLDEST.join('.')} or later.`,
  );
}
