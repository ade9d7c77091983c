pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// Facts and log, sealed to the force, onto a stick.
Desk {
    id: page

    readonly property var bundle: Bridge.state.bundle
    readonly property bool writing: bundle.state === "writing"

    help: Words.text("maintenance.bundle.help")
    title: Words.text("maintenance.page.bundle")

    NumberedSteps {
        texts: [1, 2, 3].map(step => Words.text("maintenance.bundle.step_" + step))
    }
    PrimaryButton {
        enabled: !page.writing
        objectName: "button:bundle"
        text: Words.text(page.writing ? "maintenance.bundle.writing" : "maintenance.bundle.write")
        width: parent.width

        onAct: Bridge.visit.makeBundle()
    }
    MessageLine {
        edge: page.bundle.state === "failed" ? Theme.caution : Theme.success
        iconName: page.bundle.state === "failed" ? "triangle-alert" : "circle-check"
        objectName: "label:bundle"
        text: page.bundle.state === "failed" ? Words.text("maintenance.bundle." + page.bundle.reason) : page.bundle.state === "written" ? Words.fill("maintenance.bundle.written", {
            "file": page.bundle.file,
            "kb": Math.ceil(page.bundle.bytes / 1000)
        }) : ""
        visible: text !== ""
        width: parent.width
    }
}
