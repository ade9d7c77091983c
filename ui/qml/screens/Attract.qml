pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// Invites, in every language at once. A touch anywhere begins; nothing of an earlier visit is ever here.
FocusScope {
    id: screen

    readonly property bool upright: height > width
    readonly property var tags: Bridge.site.languages
    readonly property string first: tags[0]
    readonly property int side: Theme.mm(upright ? 16.6 : 22)
    readonly property int gutter: Theme.mm(22)

    anchors.fill: parent

    Rectangle {
        anchors.fill: parent
        color: Theme.band

        MouseArea {
            Accessible.name: Words.text("attract.touch")
            Accessible.role: Accessible.Button
            anchors.fill: parent
            enabled: Touch.settled
            objectName: "button:start"

            onClicked: Bridge.visit.touch("start")
            onPressed: Bridge.corners.forget()
        }
    }
    Label {
        id: place

        readonly property var names: screen.tags.map(tag => Bridge.site.name[tag]).filter((name, at, all) => name && all.indexOf(name) === at)

        color: Theme.bandInk
        font.family: Theme.familyOf(screen.first)
        size: Bridge.lines.fitting(text, Theme.fontOf(Theme.mm(9.7), false), 0.75, width)
        text: names.length > 2 ? names[0] + "　" + names[names.length - 1] : names.join("　")
        width: screen.width - 2 * screen.side
        x: screen.side
        y: Theme.mm(16)
    }
    Column {
        id: invitation

        anchors.top: place.bottom
        anchors.topMargin: Theme.mm(screen.upright ? 24 : 17)
        spacing: Theme.mm(screen.upright ? 12 : 9)
        width: screen.upright ? screen.width - 2 * screen.side : Math.round((screen.width - 2 * screen.side - screen.gutter) * 0.53)
        x: screen.side

        Rectangle {
            color: Theme.bandCard
            height: Theme.mm(41.5)
            radius: Theme.mm(9)
            width: height

            Icon {
                anchors.centerIn: parent
                colour: Theme.stepDone
                name: "search"
                size: Theme.mm(21)
            }
        }
        Label {
            Accessible.role: Accessible.Heading
            bold: true
            color: Theme.bandInk
            font.family: Theme.familyOf(screen.first)
            lineHeight: 0.86
            size: Theme.mm(screen.upright ? 34.5 : 30)
            text: Words.spoken(screen.first, "attract.title")
            width: parent.width
        }
        Column {
            spacing: Theme.mm(2)
            width: parent.width

            Repeater {
                model: screen.tags.slice(1)

                Label {
                    required property string modelData

                    color: Theme.bandInkMuted
                    font.family: Theme.familyOf(modelData)
                    lineHeight: 0.95
                    size: Theme.mm(screen.upright ? 14.6 : 12.6)
                    text: Words.spoken(modelData, "attract.line")
                    width: invitation.width
                }
            }
        }
    }
    Column {
        id: doors

        anchors.bottom: parent.bottom
        anchors.bottomMargin: Theme.mm(screen.upright ? 14.4 : 16)
        anchors.left: parent.left
        anchors.leftMargin: screen.upright ? screen.side : screen.side + invitation.width + screen.gutter
        anchors.right: parent.right
        anchors.rightMargin: screen.side
        spacing: Theme.mm(screen.upright ? 8 : 6)

        PublicMessages {
            languages: screen.tags
            visible: !Calls.lasting && Bridge.site.messages.length > 0  // a call needs their room
            width: parent.width
        }
        Item {
            height: Theme.mm(2)
            visible: screen.upright
            width: 1
        }
        Grid {
            id: languages

            columnSpacing: Theme.mm(screen.upright ? 6 : 4.4)
            columns: screen.tags.length
            width: parent.width

            Repeater {
                model: screen.tags

                LanguageButton {
                    id: choice

                    required property string modelData

                    focusColour: Theme.focusOnBand
                    ground: down ? Theme.softPressed : "#FFFFFF"
                    height: Theme.mm(screen.upright ? 46.5 : 40)
                    ink: Theme.contrast ? "#000000" : Theme.band
                    outline: "transparent"
                    growth: 1  // nobody can have asked for larger text yet
                    tag: modelData
                    width: (languages.width - (languages.columns - 1) * languages.columnSpacing) / languages.columns

                    onAct: Bridge.visit.startIn(choice.tag)
                }
            }
        }
        Label {
            color: Theme.bandInkMuted
            font.family: Theme.familyOf(screen.first)
            horizontalAlignment: Text.AlignHCenter
            size: Theme.mm(9.4)
            text: screen.tags.map(tag => Words.spoken(tag, "attract.touch")).join(" · ")
            width: parent.width
        }
        Grid {
            id: help

            readonly property int cell: (width - (columns - 1) * spacing) / columns

            columns: screen.upright ? 2 : 1
            spacing: Theme.mm(screen.upright ? 6 : 4.4)
            width: parent.width

            BandButton {
                iconName: "ear-off"
                objectName: "button:deaf"
                text: Words.spoken(screen.first, "button.deaf")
                width: help.cell

                onAct: Bridge.visit.startDeaf(screen.first)
            }
            BandButton {
                bold: true
                ground: down ? Theme.emergencyPressed : Theme.emergency
                iconName: "siren"
                ink: Theme.emergencyInk
                objectName: "bar:emergency"
                outline: Theme.bandOutline  // red on navy alone has too soft an edge
                say: Words.spoken(screen.first, "bar.emergency_say")
                text: Words.spoken(screen.first, "attract.emergency")
                width: help.cell

                onAct: Bridge.visit.touch("emergency")
            }
        }
    }
    TechnicianCorners {
        onShortTouch: Bridge.visit.touch("start")
    }
}
