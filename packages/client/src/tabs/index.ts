export { tabsLink, type TabsOptions } from "./tabs-link.ts";
