export { kitVersion as version } from "../properties/conformance/kit-version.js"
