pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// A self-test: what to do, what the machine says meanwhile, and the verdict of the person who looks.
Card {
    id: panel

    default property alias body: middle.data
    property string test: ""
    property var steps: []
    readonly property var last: (Bridge.state.tests.find(each => each.test === test) ?? {}).last ?? {}
    readonly property bool tried: last.at !== undefined
    readonly property int inner: width - 2 * Theme.mm(11)

    objectName: "test:" + test
    width: parent?.width ?? 0

    Row {
        spacing: Theme.mm(4)
        width: panel.inner

        HealthMark {
            anchors.verticalCenter: parent.verticalCenter
            health: panel.last.passed === true ? "works" : "mend"
            size: Theme.mm(10.5)
            visible: panel.tried
        }
        Column {
            width: panel.inner - (panel.tried ? Theme.mm(14.5) : 0)

            Heading {
                text: Words.text("maintenance.test." + panel.test)
            }
            Label {
                color: Theme.muted
                objectName: "label:last:" + panel.test
                size: Theme.captionText
                text: panel.tried ? Words.fill("maintenance.test." + (panel.last.passed ? "last_passed" : "last_failed"), panel.last) : Words.text("maintenance.never")
                width: parent.width
            }
        }
    }
    NumberedSteps {
        size: Theme.supportText
        texts: panel.steps
        width: panel.inner
    }
    Column {
        id: middle

        spacing: Theme.gap
        topPadding: Theme.mm(2)
        width: panel.inner
    }
    Row {
        spacing: Theme.gap
        topPadding: Theme.mm(2)

        SmallButton {
            iconName: "check"
            objectName: "passed:" + panel.test
            text: Words.text("maintenance.test.passed")
            width: Math.floor((panel.inner - Theme.gap) / 2)

            onAct: Bridge.visit.record(panel.test, true)
        }
        SmallButton {
            iconName: "x"
            ink: Theme.contrast ? Theme.accent : Theme.emergency
            objectName: "failed:" + panel.test
            outline: ink
            text: Words.text("maintenance.test.failed")
            width: Math.floor((panel.inner - Theme.gap) / 2)

            onAct: Bridge.visit.record(panel.test, false)
        }
    }
}
