import "../theme"

// Says that something was read, what kind and how long; never what, unless it is our own test code.
TestPanel {
    id: panel

    readonly property var scan: Bridge.state.scan
    readonly property bool seen: scan.source === test

    steps: [1, 2].map(step => Words.text("maintenance.steps." + test + "_" + step))

    SaidLine {
        objectName: "label:scan"
        text: panel.seen ? Words.fill("maintenance.scan.read", {
            "kind": panel.scan.symbology === "" ? Words.text("maintenance.scan.no_kind") : "]" + panel.scan.symbology,
            "length": panel.scan.length
        }) : Words.text("maintenance.scan.none")
    }
    FactRow {
        name: Words.text("maintenance.scan.test")
        value: panel.seen ? panel.scan.text : ""
        visible: value !== ""
    }
    SaidLine {
        bold: false
        color: Theme.muted
        text: Words.text("maintenance.scan.private")
    }
}
