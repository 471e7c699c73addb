import { plantedAdapter } from "../conformance/planted-adapter.js"
import { conformanceTests } from "./conformance.js"

// One test for each rule of the profile: it fails where an adapter without a bug is said to have one.
conformanceTests(plantedAdapter(), { profiles: ["checkpoints"], histories: 4 })
