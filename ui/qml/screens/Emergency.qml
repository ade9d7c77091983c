import QtQuick
import "../controls"
import "../theme"

// 999 and an officer. Says honestly that this kiosk cannot telephone, and whether it can fetch somebody.
Page {
    id: page

    backTouch: "emergency_close"
    readonly property bool offersOfficer: Bridge.state.offers_officer  // not in a confidential service
    readonly property bool huge: Theme.growth > 1.5  // the title says the number too; the ways to help stay in sight

    hasBack: false
    hasNext: true
    help: Words.text("emergency.help")
    nextIcon: ""
    nextText: Words.text(Calls.lasting ? "button.back" : "button.emergency_close")
    nextTouch: "emergency_close"
    title: Words.text("emergency.title")

    EmergencyNumber {
        visible: page.upright || !page.huge
        width: parent.width
    }
    CallCard {
        visible: page.offersOfficer
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
            visible: page.offersOfficer && !Calls.lost && Bridge.site.desk[Words.language] !== undefined
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
