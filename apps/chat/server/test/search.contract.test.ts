import { describeProjectionContract } from "@parlor/testkit";

const module = new URL("./search-subject.ts", import.meta.url);

describeProjectionContract({ name: "SearchThread", module, isLasting: true });
describeProjectionContract({ name: "SearchThread in memory", module, isLasting: false });
