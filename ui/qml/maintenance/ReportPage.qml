pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// What works, what was tested and what is due, to be printed on one receipt.
Desk {
    id: page

    readonly property int broken: Bridge.state.findings.filter(finding => finding.health === "mend").length

    help: Words.text("maintenance.report.help")
    title: Words.text("maintenance.report.title")

    Names {
        id: names
    }
    FindingCard {
        health: page.broken === 0 ? "works" : "mend"
        title: page.broken === 0 ? Words.text("maintenance.report.ready") : Words.fill("maintenance.report.not_ready", {
            "count": page.broken
        })
        visible: Bridge.state.findings.length > 0
    }
    PrimaryButton {
        enabled: Bridge.state.printing !== "printing" && Bridge.state.findings.length > 0
        iconFirst: true
        iconName: "printer"
        objectName: "button:print_report"
        text: Words.text("maintenance.report.print")
        width: parent.width

        onAct: Bridge.visit.printReport()
    }
    SaidLine {
        objectName: "label:printing"
        text: Bridge.state.printing === "" ? "" : Words.text("maintenance.printing." + Bridge.state.printing)
    }
    Heading {
        text: Words.text("maintenance.report.tests")
    }
    Column {
        spacing: 0
        width: parent.width

        Repeater {
            model: Bridge.state.tests

            FactRow {
                required property var modelData
                readonly property var last: modelData.last ?? ({})

                ink: last.passed === false ? Theme.emergency : Theme.text
                name: names.of("test", modelData.test)
                value: last.at === undefined ? Words.text("maintenance.never") : Words.fill(last.passed ? "maintenance.test.last_passed" : "maintenance.test.last_failed", last)
            }
        }
    }
}
