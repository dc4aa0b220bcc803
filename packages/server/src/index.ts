export { limitPeers, peerOf } from './limit-peers.ts';
export { shareRuns } from './share-runs.ts';
