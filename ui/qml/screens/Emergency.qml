import QtQuick
import "../controls"
import "../theme"

// 999 and an officer. Says honestly that this kiosk cannot telephone, and whether it can fetch somebody.
Page {
    id: page

    backTouch: "emergency_close"
    readonly property bool huge: Theme.growth > 1.5  // the title says the number too; the ways to help stay in sight

    hasBack: false
    hasNext: true
    help: Words.text("emergency.help")
    nextIcon: ""
    nextText: Words.text(Calls.lasting ? "button.back" : "button.emergency_close")
    nextTouch: "emergency_close"
    title: Words.text("emergency.title")

    Rectangle {
        border.color: Theme.bandOutline
        border.width: Theme.contrast ? Theme.line : 0
        color: Theme.band
        height: number.implicitHeight + Theme.mm(10)
        radius: Theme.mm(5.5)
        visible: page.upright || !page.huge
        width: parent.width

        Row {
            anchors.centerIn: parent
            spacing: Theme.mm(12)

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                colour: Theme.bandInk
                name: "phone"
                size: Theme.mm(page.huge ? 24 : 34)
            }
            Label {
                id: number

                anchors.verticalCenter: parent.verticalCenter
                bold: true
                color: Theme.bandInk
                size: Theme.mm(page.huge ? 36 : 54)
                text: "999"
            }
        }
    }
    CallCard {
        width: parent.width
    }
    Column {
        spacing: Theme.mm(1.5)
        width: parent.width

        StepLine {
            iconName: "phone"
            text: Words.text("emergency.phone")
            width: parent.width
        }
        StepLine {
            iconName: "ear-off"
            text: Words.text("emergency.deaf")
            width: parent.width
        }
        StepLine {
            iconName: "shield"
            text: Words.text("emergency.officer") + " " + (Bridge.site.desk[Words.language] ?? "")
            visible: !Calls.lost && Bridge.site.desk[Words.language] !== undefined
            width: parent.width
        }
    }
    Label {
        color: Theme.muted
        even: true
        size: Theme.smallText
        text: Words.text("emergency.kept")
        width: parent.width
    }
}
