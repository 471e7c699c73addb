export { TailingFeedSource, type ICheckpoints, type Sink } from "equinox-windtunnel/propeller"
