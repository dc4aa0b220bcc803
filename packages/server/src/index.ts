export { limitPeers, type PeerLimits, peerOf } from './limit-peers.ts';
export { shareRuns } from './share-runs.ts';
