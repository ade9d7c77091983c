import QtQuick
import "../theme"

// Fetches an officer, says how that stands, and says that one is here.
Column {
    id: card

    property bool calm: false  // red is for emergencies; the line of the call stands beneath the page

    spacing: Theme.mm(3.3)

    PrimaryButton {
        ground: card.calm ? (down ? Theme.accentPressed : Theme.accent) : down ? Theme.emergencyPressed : Theme.emergency
        height: Math.max(Theme.mm(44), implicitHeight)
        iconFirst: true
        iconName: "bell-ring"
        ink: card.calm ? Theme.accentInk : Theme.emergencyInk
        objectName: "button:call_officer"
        text: Words.text("call.button")
        visible: !Calls.lasting && Calls.reach
        width: parent.width

        onAct: Bridge.visit.touch("call_officer")
    }
    Label {
        color: Theme.muted
        even: true
        size: Theme.smallText
        text: Words.text("call.help")
        visible: !Calls.lasting && Calls.reach
        width: parent.width
    }
    MessageLine {
        color: Calls.lost ? Theme.cautionSoft : Theme.soft
        edge: Calls.lost ? Theme.caution : Theme.accent
        iconName: Calls.icon
        ink: Calls.lost && !Theme.contrast ? Theme.caution : Theme.text
        objectName: "call"
        strong: Calls.lasting && !Calls.lost
        text: visible ? Calls.said(Words.language) : ""
        visible: (Calls.lasting && !card.calm) || (!Calls.lasting && !Calls.reach)
        width: parent.width
    }
    SecondaryButton {
        iconName: "shield"
        objectName: "button:officer_came"
        text: Words.text("call.came")
        visible: Calls.lasting
        width: parent.width

        onAct: Bridge.visit.touch("officer_came")
    }
}
