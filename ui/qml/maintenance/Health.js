.pragma library

// Icons of what maintenance says: never a colour alone.
function iconOf(health) {
    return {
        "mend": "x",
        "watch": "triangle-alert",
        "works": "check"
    }[health] ?? "circle-help";
}

const USABLE = ["ready", "busy", "paper_waiting", "not_installed"];

function ofState(state) {
    return USABLE.indexOf(state) >= 0 ? "works" : state === "paper_low" || state === "unknown" ? "watch" : "mend";
}

const DEVICE_ICONS = {
    "printer": "printer",
    "scanner": "scan-text",
    "document_reader": "id-card",
    "camera": "camera",
    "panel": "siren"
};

function iconOfDevice(device) {
    return DEVICE_ICONS[device] ?? "circle-help";
}
